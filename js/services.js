import {
  INTERNAL,
  defineEventHandler,
  describeInterface,
  dictionary,
  domString,
  initEventHandlers,
  interfaceType,
  requireArguments,
  requireInternal,
} from './webidl.js';
import {baseURL} from './document.js';
import {connect} from './connect.js';
import {openPorts, portsRestored} from './port.js';

/**
 * @param {string} url
 * @returns {URL} resolved against the caller's base URL
 * @throws {TypeError}
 */
export const parseURL = (url) => new URL(url, baseURL());

/** The draft's "ServicePortCollection interface". */
export class ServicePortCollection extends EventTarget {
  #brand = true;

  /** @param {...unknown} token */
  constructor(...token) {
    requireInternal(token[0]);
    super();
    initEventHandlers(this);
  }

  /**
   * @param {string} url
   * @param {import('./navigator-connect.js').ServicePortConnectOptions} options
   * @returns {Promise<import('./port.js').ServicePort>}
   */
  async connect(url, options = {}) {
    this.#brand;
    requireArguments(arguments);
    url = domString(url);
    const {
      data = null,
      installWorker = false,
      name = '',
      signal,
    } = dictionary(options, {
      data: (data) => data,
      installWorker: Boolean,
      name: domString,
      signal: interfaceType(AbortSignal, 'aborted'),
    });
    requireActive();
    return connect(this, parseURL(url), {data: structuredClone(data), installWorker, name, signal});
  }

  /**
   * @param {import('./navigator-connect.js').ServicePortMatchOptions} options
   * @returns {Promise<import('./port.js').ServicePort | undefined>}
   */
  async match(options) {
    this.#brand;
    requireArguments(arguments);
    return (await matchPorts(options))[0];
  }

  /**
   * @param {import('./navigator-connect.js').ServicePortMatchOptions} options
   * @returns {Promise<import('./port.js').ServicePort[]>}
   */
  async matchAll(options = {}) {
    this.#brand;
    return matchPorts(options);
  }
}
describeInterface(ServicePortCollection, 'ServicePortCollection');
for (const type of ['message', 'close']) defineEventHandler(ServicePortCollection.prototype, type);

/** `navigator.services` */
export const services = new ServicePortCollection(INTERNAL);

/** @param {unknown} options */
async function matchPorts(options) {
  const {name, targetURL} = dictionary(options, {
    name: domString,
    targetURL: (url) => parseURL(url).href,
  });
  requireActive();
  await portsRestored();
  return [...openPorts].filter(
    (port) => (name ?? port.name) === port.name && (targetURL ?? port.targetURL) === port.targetURL,
  );
}

let requireActive = () => {};

/**
 * In a service worker, ports can be used only when it is active.
 *
 * @param {() => void} how throws when it is not
 */
export const requireActiveBy = (how) => (requireActive = how);
