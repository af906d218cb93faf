import {ServicePortCloseEvent} from './events.js';
import {ServicePort} from './port.js';
import {includeMembers} from './webidl.js';
import {members} from './navigator.js';
import {ServicePortCollection} from './services.js';

/**
 * Patches this global: `navigator.services` and its interfaces. Does nothing where the browser has them, and
 * nothing the second time. Only what stands in `install….js` touches globals.
 *
 * @param {Function[]} interfaces more of them, as `describeInterface` left them
 * @param {() => void} start the rest, where anything is to be done
 */
export function install(interfaces, start) {
  const {navigator} = globalThis;
  if ('services' in navigator) return;
  for (const value of [ServicePort, ServicePortCollection, ServicePortCloseEvent, ...interfaces]) {
    Object.defineProperty(globalThis, value.name, {value, writable: true, configurable: true});
  }
  includeMembers(Object.getPrototypeOf(navigator), members);
  start();
}
