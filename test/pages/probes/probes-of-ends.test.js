/** The same of service workers that are replaced, removed, and stopped where the engine has a means to. */
import {ends} from './index.js';
import {probe} from './cases.js';

await probe(ends);
