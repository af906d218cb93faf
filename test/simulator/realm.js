/**
 * What is evaluated in every context: the platform's classes, of that realm. Each part of the platform has a function
 * here that refers to nothing around it: its text runs elsewhere, with the context's `host` as its only way out.
 */
import vm from 'node:vm';
import {CLASSES, DOM_EXCEPTION, PLATFORM, UNREADABLE} from './clone.js';
import {events} from './events.js';
import {locks} from './locks.js';
import {databases} from './idb.js';
import {network} from './network.js';
import {ports} from './ports.js';
import {serviceWorkers} from './service-workers.js';
import {timers} from './timers.js';
import {windows} from './windows.js';
import {workers} from './workers.js';

export const constants = {CLASSES, DOM_EXCEPTION, PLATFORM, UNREADABLE};

const parts = [events, timers, ports, locks, databases, network, serviceWorkers, windows, workers];

const source = `'use strict';
(host) => {
  const {kind, profile, realm} = host;
  const Navigator = kind === 'window' ? class Navigator {} : class WorkerNavigator {};
  realm.navigator = Object.assign(new Navigator(), {userAgent: profile.userAgent, vendor: profile.vendor, onLine: true});
  host.define = (values) => {
    for (const [name, value] of Object.entries(values)) {
      Object.defineProperty(globalThis, name, {value, writable: true, configurable: true, enumerable: false});
    }
  };
${parts.map((part) => `(${part})(host);`).join('\n')}
  realm.navigator.locks = realm.locks;
}`;

const script = new vm.Script(source, {filename: 'realm.js'});

/**
 * @param {any} host the world, as this context may use it
 * @returns {object} the new global
 */
export function createRealm(host) {
  const global = vm.createContext({});
  script.runInContext(global)(host);
  return global;
}
