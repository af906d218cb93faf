/** The same of service workers that are stopped. */
import {probe} from './cases.js';
import {stops} from './index.js';

await probe(stops);
