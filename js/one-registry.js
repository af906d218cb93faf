/**
 * Which SharedWorker is the registry. All windows that know nothing start the same one, by its name; those that have
 * seen one end start its successor, since Firefox hands out the one that has ended for as long as any window holds on to
 * it. So several may run: a lock decides which of them is the registry, and a channel tells the others.
 */
import {CHANNEL, isMessage} from './shape.js';

const REGISTRY = `${CHANNEL}/registry`;

/**
 * In a SharedWorker.
 *
 * @param {() => Promise<never>} run what it does once it is the registry, which it stays
 * @param {(name: string) => void} elsewhere is told, until then, the name of the worker that is
 */
export async function asRegistry(run, elsewhere) {
  const {name} = /** @type {any} */ (globalThis);
  const channel = new BroadcastChannel(REGISTRY);
  const tell = () => channel.postMessage({type: 'registry', name});
  // One of its own name is just ending.
  channel.onmessage = ({data}) =>
    isMessage(data, 'registry', {name: 'string'}) && data.name !== name && elsewhere(data.name);
  channel.postMessage({type: 'which'});
  await navigator.locks.request(REGISTRY, () => {
    channel.onmessage = ({data}) => isMessage(data, 'which') && tell();
    tell();
    return run();
  });
}

/**
 * @param {string} generation one that has ended
 * @returns {string} the name of the SharedWorker to start in its stead
 */
export const successor = (generation) => `${CHANNEL}/${generation}`;
