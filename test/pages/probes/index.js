/** All probes, by name. */
import {locks} from './locks.js';
import {messages} from './messages.js';
import {pages} from './pages.js';
import {partitions} from './partitions.js';
import {serviceWorkers, stops, updates} from './service-workers.js';
import {storage} from './storage.js';
import {workers} from './workers.js';

/** @type {Record<string, (env: any) => any>} */
export const platform = {...messages, ...locks, ...storage, ...workers, ...serviceWorkers, ...partitions, ...pages};

/** Of workers that are replaced, removed and stopped. @type {Record<string, (env: any) => any>} */
export const ends = {...updates, ...stops};
