/** How long a service worker stays awake for our events. */
import {BUSY, BUSY_AGAIN, LASTS, MAX_AWAKE, MAX_EXTENSION} from './limits.js';

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

/** Since when this worker is kept awake until what settles, the oldest first. @type {Map<Promise<unknown>, number>} */
const pending = new Map();
/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;
/** When an event was asked for last, for what begins and for what lasts. */
const asked = {begun: -Infinity, busy: -Infinity};

/**
 * Asks the registry for an event: something has begun, or lasts. A new version that waits takes its turn when this
 * worker has been idle: what begins, time and again, must not hold it up.
 *
 * @param {'begun' | 'busy'} _type
 */
let ask = (_type) => {};

/** @param {typeof ask} how */
export const askForEventsBy = (how) => (ask = how);

/**
 * @param {'begun' | 'busy'} type
 * @param {number} again how often at most
 */
function askAtMost(type, again) {
  const now = performance.now();
  if (now - asked[type] < again) return;
  asked[type] = now;
  ask(type);
}

/**
 * Keeps this worker awake until the promise settles, or for five minutes, with the help of whoever can give it events.
 *
 * @param {Promise<unknown>} promise
 */
export function stayAwake(promise) {
  pending.set(promise, performance.now());
  timer ??= setInterval(() => {
    const now = performance.now();
    for (const [promise, since] of pending) {
      if (now - since > MAX_AWAKE) forget(promise);
      else if (now - since >= LASTS) askAtMost('busy', BUSY);
    }
  }, LASTS);
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

/** @type {Lifetime} the lifetime of an event that came over a port */
export const portLifetime = {
  extend(promise) {
    // Not for each of many messages: windows have more to do.
    askAtMost('begun', BUSY_AGAIN);
    stayAwake(promise);
  },
};
