/** How long a service worker stays awake for our events. */
import {BUSY, BUSY_AGAIN, MAX_AWAKE, MAX_EXTENSION} from './limits.js';

/**
 * @typedef {object} Lifetime
 * @property {(promise: Promise<unknown>) => void} extend
 */

/**
 * The lifetime of an event that came with a native one. In steps: a promise that stays pending in the browser's own
 * `waitUntil` would hold up an update; who needs longer is kept awake by events.
 *
 * @param {any} event an ExtendableEvent that is being dispatched
 * @returns {Lifetime}
 */
export const nativeLifetime = (event) => ({
  extend(promise) {
    try {
      event.waitUntil(Promise.race([promise, new Promise((resolve) => setTimeout(resolve, MAX_EXTENSION))]));
      stayAwake(promise);
    } catch {
      // It is over, and what came with it goes on.
      portLifetime.extend(promise);
    }
  },
});

/** Since when this worker is kept awake until what settles. @type {Map<Promise<unknown>, number>} */
const pending = new Map();
/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;
let cry = () => {};

/**
 * @param {() => void} ask asks the registry for an event
 */
export const askForEventsBy = (ask) => (cry = ask);

/**
 * Keeps this worker awake until the promise settles, or for five minutes, with the help of whoever can give it events.
 *
 * @param {Promise<unknown>} promise
 */
export function stayAwake(promise) {
  pending.set(promise, performance.now());
  timer ??= setInterval(() => {
    for (const [promise, since] of pending) if (performance.now() - since > MAX_AWAKE) forget(promise);
    if (timer) cry();
  }, BUSY);
  const settled = () => forget(promise);
  promise.then(settled, settled);
}

/** @param {Promise<unknown>} promise that keeps this worker awake no longer */
function forget(promise) {
  pending.delete(promise);
  if (pending.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** When an event was asked for last. */
let asked = -Infinity;

/** @type {Lifetime} the lifetime of an event that came over a port */
export const portLifetime = {
  extend(promise) {
    const now = performance.now();
    // Not for each of many messages: windows have more to do.
    if (now - asked > BUSY_AGAIN) {
      asked = now;
      cry();
    }
    stayAwake(promise);
  },
};
