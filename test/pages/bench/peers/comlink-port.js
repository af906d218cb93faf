/** Comlink over a port to the service worker. */
import {courier} from '../frames.js';
import {callBy} from './comlink.js';

export {scripts} from './comlink.js';

export const open = async (service) => callBy(await courier(service, 'comlink'));
