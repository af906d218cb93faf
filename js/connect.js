/** The client's part in making a connection, and in ending it with the page. */
import {leaveCouriers} from './courier.js';
import {Link} from './link.js';
import {connectFailed, tellOnce} from './errors.js';
import {shown} from './document.js';
import {frames} from './frame.js';
import {createPort, requireModest} from './port.js';
import {bridgeTo, bridges} from './bridges.js';
import {whenLeft} from './page-life.js';

/**
 * `ServicePortConnectOptions`, converted.
 *
 * @typedef {object} ConnectOptions
 * @property {string} name
 * @property {any} data a structured clone
 * @property {boolean} installWorker
 * @property {AbortSignal | undefined} signal
 */

/**
 * What is kept of a connection on this side.
 *
 * @typedef {object} Made
 * @property {string} name
 * @property {any} data
 * @property {boolean} [closing] whether it ends with this start of a service worker
 *
 * @typedef {Made & {connection: string, origin: string, targetURL: string}} Complete
 */

let makeLink = () => new Link(crypto.randomUUID(), true);
/** @type {(made: Complete, link: Link) => Promise<void>} */
let keep = async () => {};

/**
 * In a service worker, connections belong to the registration and outlive the worker.
 *
 * @param {typeof makeLink} make
 * @param {typeof keep} own
 */
export function ownConnectionsBy(make, own) {
  makeLink = make;
  keep = own;
}

/**
 * The draft's "Connect algorithm", the client's part.
 *
 * @param {EventTarget} services where the port's events are fired
 * @param {URL} url
 * @param {ConnectOptions} options
 * @returns {Promise<import('./port.js').ServicePort>}
 * @throws {DOMException} `QuotaExceededError`
 */
export function connect(services, url, {data, name, ...options}) {
  options.signal?.throwIfAborted();
  const own = {name, data};
  requireModest(own);
  return establish(url, options, own, (link, made) => createPort({...made, link, services}));
}

/**
 * @template T
 * @param {URL} url
 * @param {{installWorker: boolean, signal?: AbortSignal}} options
 * @param {Made} made
 * @param {(link: Link, made: Complete) => T} take makes of the link what the caller wants, before a message can come
 * @returns {Promise<T>}
 */
export function establish({origin, href: targetURL, protocol}, {installWorker, signal}, made, take) {
  if (!isSecureContext) tellOnce('error', 'connecting needs a secure context: https.');
  if (!isSecureContext || !/^https?:$/.test(protocol)) return Promise.reject(connectFailed());
  return new Promise((resolve, reject) => {
    const connection = crypto.randomUUID();
    const complete = Object.assign(made, {connection, origin, targetURL});
    const link = makeLink();
    const end = new AbortController();
    /** @param {unknown} error */
    const fail = (error) => {
      end.abort();
      // First: who loses the link fails, too.
      reject(error);
      link.lose();
    };
    link.onclose = () => fail(connectFailed());
    link.onhello = () => {
      if (end.signal.aborted) return;
      end.abort();
      resolve(take(link, complete));
    };
    signal?.addEventListener('abort', () => fail(signal.reason), {signal: end.signal});
    // What is to outlive this context must do so before the service hears of it.
    keep(complete, link)
      .then(shown)
      .then(() => end.signal.aborted || bridgeTo(origin).begin({connection, targetURL, installWorker}, link))
      .catch(fail);
  });
}

/** A window's connections end with the page, also when it goes to the back/forward cache. */
export function watchPageLife() {
  /** Those of a page that may be shown again. @type {Array<ReturnType<typeof bridgeTo>>} */
  let left = [];
  window.addEventListener('pagehide', () => bridges.forEach((bridge) => bridge.hurry()));
  whenLeft((cached) => {
    if (cached) {
      left = [...bridges.values()];
      left.forEach((bridge) => bridge.leave());
      leaveCouriers();
    }
    // Where a tab is closed, an engine may fire nothing in frames; it does when they are removed, and they pass on last
    // words then.
    frames.forEach((frame) => frame.drop());
  });
  window.addEventListener('pageshow', () => left.splice(0).forEach((bridge) => bridge.end()));
}
