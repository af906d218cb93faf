/**
 * What service workers ask of windows: on a channel, and a window answers to the worker, whose first listener is ours. At
 * `navigator.serviceWorker`, an application's listeners may come before ours, or be alone.
 */
import {CHANNEL, isMessage} from './shape.js';

/**
 * A request that waits for windows.
 *
 * @typedef {object} Ask
 * @property {'courier' | 'custodian'} what
 * @property {string} id
 * @property {string} context the one that asks, whose lock is held
 * @property {(port: MessagePort) => void} take called with a port to each window that answers, also when this one is not
 *   waiting any more
 */

/** Windows that come later are asked as well. @type {Set<Ask>} */
export const asking = new Set();

const WINDOWS = `${CHANNEL}/windows`;

/** @type {BroadcastChannel} */
let windows;

/** Those whose windows may still answer, by their ids. @type {Map<string, Ask>} */
const asked = new Map();

/** In a service worker, before it asks: hears windows that come. */
export function hearWindows() {
  windows = new BroadcastChannel(WINDOWS);
  windows.onmessage = ({data}) => isMessage(data, 'window') && asking.forEach(askWindows);
}

/**
 * In a service worker: asks all windows that there are.
 *
 * @param {Ask} ask
 */
export function askWindows(ask) {
  const {what, id, context} = ask;
  asked.set(id, ask);
  const {scope} = /** @type {any} */ (globalThis).registration;
  windows.postMessage({type: 'ask', what, id, context, scope});
}

/**
 * In a service worker: a window has answered, which may have been another start's or version's to hear.
 *
 * @param {string} id
 * @param {MessagePort} port
 */
export function takeAnswer(id, port) {
  const ask = asked.get(id);
  if (!ask) return;
  port.postMessage({type: 'taken'});
  ask.take(port);
}

/** @param {Ask} ask whose answers are of no more use */
export const forget = ({id}) => asked.delete(id);

/**
 * In a window: hears service workers ask, and tells those who wait that it is there.
 *
 * @param {(request: any) => Promise<void>} answer is yet to check it; where it can't, another window may
 */
export function hearRequests(answer) {
  const channel = new BroadcastChannel(WINDOWS);
  channel.onmessage = ({data}) => isMessage(data, 'ask') && answer(data).catch(() => {});
  // Not before it hears.
  channel.postMessage({type: 'window'});
  return channel;
}
