/** The facts about the platform that the product relies on, as this engine has them. */
import {platform} from './index.js';
import {probe} from './cases.js';

await probe(platform);
