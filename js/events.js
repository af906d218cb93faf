/** The events fired at `navigator.services`. Those of service workers exist only there. */
import {connectFailed} from './errors.js';
import {ServicePort} from './port.js';
import {describeInterface, dictionary, domString, interfaceType, requireArguments} from './webidl.js';

const inServiceWorker = 'ServiceWorkerGlobalScope' in globalThis;

/**
 * What keeps a service worker alive while one of our events is handled.
 *
 * @typedef {object} Lifetime
 * @property {(promise: Promise<unknown>) => void} extend
 */

/** @type {WeakMap<Event, {lifetime: Lifetime, pending: number}>} */
const lifetimes = new WeakMap();

/**
 * `ExtendableEvent.waitUntil` (https://w3c.github.io/ServiceWorker/#dom-extendableevent-waituntil) for events
 * that the browser did not make.
 *
 * @this {Event}
 * @param {unknown} promise
 */
function waitUntil(promise) {
  requireArguments(arguments);
  const entry = lifetimes.get(this);
  if (!entry || (this.eventPhase === Event.NONE && entry.pending === 0)) {
    throw new DOMException('The event is not being dispatched.', 'InvalidStateError');
  }
  entry.pending++;
  const settled = () => queueMicrotask(() => entry.pending--);
  entry.lifetime.extend(Promise.resolve(promise).then(settled, settled));
}

/**
 * Dispatches an event whose `waitUntil` counts.
 *
 * @param {EventTarget} target
 * @param {Event} event
 * @param {Lifetime} lifetime
 */
export function dispatchExtendable(target, event, lifetime) {
  lifetimes.set(event, {lifetime, pending: 0});
  target.dispatchEvent(event);
}

/**
 * Makes events that we fire. Their `waitUntil` stands before the interface's own members, where it counts;
 * those that a script makes keep the browser's, which refuses, as it should.
 *
 * @param {any} Interface
 * @returns {(...args: any[]) => any}
 */
export function firing(Interface) {
  if (!inServiceWorker) return (...args) => new Interface(...args);
  const newTarget = function () {};
  newTarget.prototype = {__proto__: Interface.prototype, waitUntil};
  return (...args) => Reflect.construct(Interface, args, newTarget);
}

export const ExtendableEventBase = /** @type {typeof Event} */ (
  /** @type {any} */ (globalThis).ExtendableEvent ?? Event
);

/** @returns {any} the interface a message event has here */
const nativeMessageEvent = () =>
  /** @type {any} */ (globalThis)[inServiceWorker ? 'ExtendableMessageEvent' : 'MessageEvent'];

/**
 * A message event whose source is a `ServicePort`. The native constructors refuse such a source and cost five
 * times as much, so this inherits from the native prototype, for `instanceof` and its members' names, and
 * answers for itself.
 */
class ServiceMessageEvent extends Event {
  #init;

  /**
   * @param {string} type
   * @param {{data?: any, ports?: readonly MessagePort[], origin: string, source: any}} init
   */
  constructor(type, init) {
    super(type);
    this.#init = init;
  }

  get data() {
    return this.#init.data;
  }

  get origin() {
    return this.#init.origin;
  }

  get lastEventId() {
    return '';
  }

  get source() {
    return this.#init.source;
  }

  get ports() {
    return (this.#init.ports ??= Object.freeze([]));
  }
}
{
  const prototype = /** @type {any} */ (ServiceMessageEvent.prototype);
  delete prototype.constructor;
  Object.setPrototypeOf(prototype, nativeMessageEvent().prototype);
  if (inServiceWorker) prototype.waitUntil = waitUntil;
}

/** Made in service workers only, where its base is the real `ExtendableEvent`. */
export class ServicePortConnectEvent extends ExtendableEventBase {
  #targetURL;
  #origin;

  /**
   * @param {string} type
   * @param {{targetURL?: string, origin?: string} & EventInit} [init]
   */
  constructor(type, init = {}) {
    requireArguments(arguments);
    super(type, init);
    const {origin = '', targetURL = ''} = dictionary(init, {origin: domString, targetURL: domString});
    this.#targetURL = targetURL;
    this.#origin = origin;
  }

  get targetURL() {
    return this.#targetURL;
  }

  get origin() {
    return this.#origin;
  }

  /**
   * The draft's "The connect event".
   *
   * @param {unknown} response a dictionary `{accept, name, data}`, or a promise of one
   * @returns {Promise<import('./port.js').ServicePort>}
   */
  respondWith(response) {
    try {
      this.#origin; // the brand check
      requireArguments(arguments);
      const offer = offers.get(this);
      if (!offer) throw new DOMException('Only the browser can make connections.', 'NotSupportedError');
      if (this.eventPhase === Event.NONE || offer.answer) {
        throw new DOMException('The event has been answered, or is no longer dispatched.', 'InvalidStateError');
      }
      const answer = Promise.resolve(response);
      this.stopImmediatePropagation();
      offer.answer = answer.then(readResponse, (reason) => {
        complain(reason);
        throw connectFailed();
      });
      const port = offer.respond(offer.answer);
      // To refuse is no mistake that the console must show as an unhandled rejection.
      port.catch((error) => error.name === 'AbortError' || complain(error));
      return port;
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/** @param {unknown} error */
const complain = (error) => console.warn('navigator-connect: respondWith() did not accept the connection:', error);

/**
 * @param {unknown} response a `ServicePortConnectResponse`
 * @returns {Accepted}
 * @throws {TypeError | DOMException} when it is none, or does not accept
 */
function readResponse(response) {
  const members = {accept: Boolean, data: (/** @type {any} */ data) => data, name: domString};
  const {accept, data = null, name = ''} = dictionary(response, members);
  if (!accept) throw connectFailed();
  return {accept, name, data: structuredClone(data)};
}

/**
 * A connection attempt that waits for an answer.
 *
 * @typedef {object} Offer
 * @property {Promise<Accepted>} [answer] set by the one call of `respondWith` that counts
 * @property {(answer: Promise<Accepted>) => Promise<import('./port.js').ServicePort>} respond
 *
 * @typedef {{accept: true, name: string, data: any}} Accepted
 */

/** @type {WeakMap<Event, Offer>} */
const offers = new WeakMap();

/**
 * Fires `connect`.
 *
 * @param {EventTarget} target
 * @param {{targetURL: string, origin: string}} init
 * @param {Offer} offer
 * @param {Lifetime} lifetime
 */
export function fireConnect(target, init, offer, lifetime) {
  const event = newConnectEvent('connect', init);
  offers.set(event, offer);
  dispatchExtendable(target, event, lifetime);
}

/**
 * @param {typeof Event} Base
 * @param {string} name
 */
function closeEvent(Base, name) {
  const Interface = class extends Base {
    #source;

    /**
     * @param {string} type
     * @param {{source?: import('./port.js').ServicePort} & EventInit} [init]
     */
    constructor(type, init = {}) {
      requireArguments(arguments);
      super(type, init);
      const {source = null} = dictionary(init, {source: interfaceType(ServicePort, 'name')});
      this.#source = source;
    }

    get source() {
      return this.#source;
    }
  };
  describeInterface(Interface, name, 1);
  return Interface;
}

describeInterface(ServicePortConnectEvent, 'ServicePortConnectEvent', 1);
export const ServicePortCloseEvent = closeEvent(Event, 'ServicePortCloseEvent');
export const ExtendableServicePortCloseEvent = closeEvent(ExtendableEventBase, 'ExtendableServicePortCloseEvent');

const newConnectEvent = firing(ServicePortConnectEvent);
const newCloseEvent = firing(inServiceWorker ? ExtendableServicePortCloseEvent : ServicePortCloseEvent);

/**
 * Fires `message`, `messageerror` or `close` for a port.
 *
 * @param {EventTarget} target
 * @param {import('./port.js').ServicePort} source
 * @param {'message' | 'messageerror' | 'close'} type
 * @param {{data?: any, ports?: readonly MessagePort[], origin: string}} init
 * @param {Lifetime} [lifetime] in service workers
 */
export function firePortEvent(target, source, type, init, lifetime) {
  const event =
    type === 'close' ? newCloseEvent(type, {source}) : new ServiceMessageEvent(type, {data: null, ...init, source});
  if (lifetime) dispatchExtendable(target, event, lifetime);
  else target.dispatchEvent(event);
}
