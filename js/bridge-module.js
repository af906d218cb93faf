/**
 * The module `bridge.mjs`: what windows need for their own origin, and few of them. The bridge to its services takes no
 * frame; service workers that are clients sleep.
 */
import {passToRegistry} from './custodian.js';
import {currentHousehold} from './household.js';
import {requestSnapshot} from './registry-client.js';

export {Bridge} from './bridge.js';
export {announceWindow, careForStart} from './sleepers.js';

/** @param {MessagePort} port of a service worker that has something to give into custody */
export const takeCustody = (port) => passToRegistry(port, currentHousehold().registry.ready);

/** What the registry knows. */
export const snapshot = () => requestSnapshot(currentHousehold().registry);
