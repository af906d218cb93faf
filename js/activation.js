/** Whether a service worker may use its ports. */
import {FIRST_EVENT} from './limits.js';

/** Between the `install` and the `activate` event, where the browser can't be asked. */
let installing = false;

/** Firefox has no `self.serviceWorker` to ask for the worker's state. */
export function watchActivation() {
  if ('serviceWorker' in globalThis) return;
  addEventListener('install', () => (installing = true));
  addEventListener('activate', () => (installing = false));
}

/** Whether this service worker is an active one. */
export function isActive() {
  const {registration, serviceWorker} = /** @type {any} */ (globalThis);
  return serviceWorker ? serviceWorker.state.startsWith('activat') : !installing && registration.active !== null;
}

/**
 * Calls back if this worker was started as the active one.
 *
 * @param {() => void} act
 */
export function whenFoundActive(act) {
  if ('serviceWorker' in globalThis) {
    if (isActive()) act();
    return;
  }
  // When a new version is evaluated first, the registration looks as when its active one starts, until `install`.
  setTimeout(() => {
    const {installing, waiting} = /** @type {any} */ (globalThis).registration;
    if (isActive() && !installing && !waiting) act();
  }, FIRST_EVENT);
}

/** @throws {DOMException} */
export function requireActive() {
  if (!isActive()) throw new DOMException('This service worker is not active.', 'InvalidStateError');
}
