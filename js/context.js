/**
 * A context's life, told by a Web Lock: whoever holds `lockName(id)` is alive, and the browser
 * frees it within milliseconds of the holder's death, however it died.
 */
import {CHANNEL} from './shape.js';

/** @param {string} id a context's UUID */
const lockName = (id) => `${CHANNEL}/${id}`;

/** This global at its own origin. */
export class Context {
  /** A UUID, new for every start of a worker and every showing of a page. */
  id = crypto.randomUUID();
  #end = new AbortController();
  /**
   * Resolves once the lock is held. Only then may `id` be told to anyone: a watcher that asks for the
   * lock earlier would take this context for dead.
   *
   * @type {Promise<void>}
   */
  lockHeld = new Promise((resolve, reject) => {
    const {signal} = this.#end;
    navigator.locks
      .request(lockName(this.id), {signal}, () => {
        resolve();
        return new Promise((release) => signal.addEventListener('abort', release));
      })
      .catch(reject);
  });

  /** Gives up the lock: to everyone else, this context is gone. */
  leave() {
    // Nobody may be waiting for it.
    this.lockHeld.catch(() => {});
    this.#end.abort();
  }
}

/**
 * Resolves when the context `id` is gone; at once if it is already. Never resolves once `signal` has aborted.
 *
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function gone(id, signal) {
  return new Promise((resolve) => {
    // Shared, so that any number of watchers learn of a death at the same moment.
    // No context has a name that can't be a lock's: WebKit takes none of more than 1,024 characters.
    const lock = navigator.locks.request(lockName(id), {mode: 'shared', signal}, () => resolve());
    lock.catch(() => signal?.aborted || resolve());
  });
}

/**
 * @param {string} id
 * @returns {Promise<boolean>} whether the context `id` is gone by now
 */
export const isGone = (id) =>
  navigator.locks.request(lockName(id), {mode: 'shared', ifAvailable: true}, (lock) => lock !== null).catch(() => true);
