/**
 * Which SharedWorker is the registry. All windows that know nothing start the same one, by its name; those that have
 * seen one end start its successor, since Firefox hands out the one that has ended for as long as any window holds on to
 * it. So several may run, and a lock decides which of them is the registry.
 */
import {CHANNEL} from './shape.js';

const LOCK = `${CHANNEL}/registry`;
/** Before a SharedWorker's name, a lock that tells which is the registry. */
const NAMED = `${LOCK}/`;

/**
 * In a SharedWorker.
 *
 * @param {() => Promise<void>} run what the registry does, until it ends
 * @returns {Promise<void>} rejects as `run` does
 */
export const asRegistry = (run) =>
  navigator.locks.request(LOCK, () => navigator.locks.request(NAMED + /** @type {any} */ (globalThis).name, run));

/** @returns {Promise<string | undefined>} the name of the SharedWorker that is the registry, if one is */
export async function findRegistry() {
  const {held} = await navigator.locks.query();
  return held?.find(({name}) => name?.startsWith(NAMED))?.name?.slice(NAMED.length);
}

/**
 * @param {string} generation one that has ended
 * @returns {string} the name of the SharedWorker to start in its stead
 */
export const successor = (generation) => `${CHANNEL}/${generation}`;
