/** The earlier draft's `connect` event, fired at a service worker's global. */
import {ExtendableEventBase, dispatchExtendable, firing} from './extendable-events.js';
import {INTERNAL, describeInterface, requireArguments, requireInternal} from './webidl.js';

/**
 * @typedef {object} NativeOffer
 * @property {string} targetURL
 * @property {string} origin
 * @property {Promise<MessagePort>} [port] set by the one call of `acceptConnection` that counts
 */

/** Made in service workers only, where its base is the real `ExtendableEvent`. */
export class ConnectEvent extends ExtendableEventBase {
  #offer;

  /**
   * @param {symbol} token
   * @param {NativeOffer} offer
   */
  constructor(token, offer) {
    requireInternal(token);
    super('connect');
    this.#offer = offer;
  }

  get targetURL() {
    return this.#offer.targetURL;
  }

  /** The draft's examples spell it so. */
  get targetUrl() {
    return this.#offer.targetURL;
  }

  get origin() {
    return this.#offer.origin;
  }

  /** @param {MessagePort | PromiseLike<MessagePort>} port entangled with the one that the service keeps */
  acceptConnection(port) {
    const offer = this.#offer;
    requireArguments(arguments);
    if (this.eventPhase === Event.NONE || offer.port) {
      throw new DOMException('The event has been answered, or is no longer dispatched.', 'InvalidStateError');
    }
    offer.port = Promise.resolve(port);
  }
}
describeInterface(ConnectEvent, 'ConnectEvent');

const newConnectEvent = firing(ConnectEvent);

/**
 * Fires `connect` at this global.
 *
 * @param {{targetURL: string, origin: string}} init
 * @param {import('./lifetime.js').Lifetime} lifetime
 * @returns {Promise<MessagePort> | undefined} what was accepted
 */
export function fireNativeConnect(init, lifetime) {
  /** @type {NativeOffer} */
  const offer = {...init};
  dispatchExtendable(/** @type {any} */ (globalThis), newConnectEvent(INTERNAL, offer), lifetime);
  return offer.port;
}
