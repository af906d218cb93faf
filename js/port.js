import {sizeOf} from './copy.js';
import {INTERNAL, describeInterface, dictionary, requireArguments, requireInternal, sequence} from './webidl.js';
import {moreThan} from './errors.js';
import {firePortEvent} from './events.js';
import {MAX_DATA, MAX_NAME} from './limits.js';

/**
 * @typedef {object} PortInit
 * @property {string} targetURL
 * @property {string} name
 * @property {any} data
 * @property {import('./link.js').Link} link from now on the port's own
 * @property {string} origin the other end's
 * @property {EventTarget} services where its events are fired
 */

/** https://html.spec.whatwg.org/multipage/web-messaging.html, and the draft's "ServicePort interface". */
export class ServicePort {
  #init;

  /**
   * @param {symbol} token
   * @param {PortInit} init
   */
  constructor(token, init) {
    requireInternal(token);
    this.#init = init;
    const {link, origin, services} = init;
    link.onmessage = (data, carrier) => firePortEvent(services, this, 'message', {data, carrier, origin});
    link.onmessageerror = (carrier) => firePortEvent(services, this, 'messageerror', {data: null, carrier, origin});
    link.onclose = () => {
      openPorts.delete(this);
      firePortEvent(services, this, 'close', {origin});
    };
    openPorts.add(this);
  }

  get targetURL() {
    return this.#init.targetURL;
  }

  get name() {
    return this.#init.name;
  }

  get data() {
    return this.#init.data;
  }

  /** Ours, after WebSocket's: roughly how many bytes wait until the other side has them. */
  get bufferedAmount() {
    return this.#init.link.bufferedAmount;
  }

  /**
   * @param {any} message
   * @param {Transferable[] | StructuredSerializeOptions} [options]
   */
  postMessage(message, options = undefined) {
    const {link} = this.#init;
    requireArguments(arguments);
    link.post(message, transferList(options));
  }

  close() {
    this.#init.link.close();
    openPorts.delete(this);
  }
}
describeInterface(ServicePort, 'ServicePort');

/**
 * The name to service port map of this global: its open ports, oldest first.
 *
 * @type {Set<ServicePort>}
 */
export const openPorts = new Set();

/** @type {() => Promise<void>} */
let restore = async () => {};

/**
 * In a service worker the map is the registration's, and must first be read.
 *
 * @param {() => Promise<void>} how
 */
export const restorePortsBy = (how) => (restore = how);

/** Resolves once `openPorts` is complete. */
export const portsRestored = () => restore();

/**
 * @param {{name: string, data: any}} own what this side gives its port
 * @throws {DOMException} `QuotaExceededError`
 */
export function requireModest({name, data}) {
  if (name.length > MAX_NAME) throw moreThan(MAX_NAME, 'characters in the name');
  if (sizeOf(data) > MAX_DATA) throw moreThan(MAX_DATA, 'bytes of data');
}

/**
 * @param {PortInit} init
 * @returns {ServicePort}
 */
export const createPort = (init) => new /** @type {any} */ (ServicePort)(INTERNAL, init);

/**
 * The second argument of `postMessage`, a sequence or a dictionary, by Web IDL's overload resolution.
 *
 * @param {any} options
 * @returns {Transferable[]}
 */
export const transferList = (options) =>
  options === undefined
    ? []
    : Object(options) === options && options[Symbol.iterator]
      ? sequence(options)
      : (dictionary(options, {transfer: sequence}).transfer ?? []);
