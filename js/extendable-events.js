/** The events of service workers, fired by us and alive as long as the browser's own would be. */
import {connectFailed} from './errors.js';
import {ServiceMessageEvent, closeEvent, makeCloseEventsBy} from './events.js';
import {portLifetime} from './lifetime.js';
import {describeInterface, dictionary, domString, requireArguments} from './webidl.js';

/** @type {WeakMap<Event, {lifetime: import('./lifetime.js').Lifetime, pending: number}>} */
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
  const entry =
    lifetimes.get(this) ?? (this instanceof ServiceMessageEvent ? extendable(this, portLifetime) : undefined);
  if (!entry || (this.eventPhase === Event.NONE && entry.pending === 0)) {
    throw new DOMException('The event is not being dispatched.', 'InvalidStateError');
  }
  entry.lifetime.extend(extendableUntil(entry, Promise.resolve(promise)));
}

/**
 * Lets an event be extended further as long as a promise is pending.
 *
 * @param {{pending: number}} entry
 * @param {Promise<unknown>} promise
 * @returns {Promise<void>}
 */
function extendableUntil(entry, promise) {
  entry.pending++;
  const settled = () => queueMicrotask(() => entry.pending--);
  return promise.then(settled, settled);
}

/**
 * Makes an event's `waitUntil` count. A message's is made to when it is called: of most it never is.
 *
 * @param {Event} event
 * @param {import('./lifetime.js').Lifetime} lifetime
 */
function extendable(event, lifetime) {
  const entry = {lifetime, pending: 0};
  lifetimes.set(event, entry);
  return entry;
}

/**
 * Dispatches an event whose `waitUntil` counts.
 *
 * @param {EventTarget} target
 * @param {Event} event
 * @param {import('./lifetime.js').Lifetime} lifetime
 */
export function dispatchExtendable(target, event, lifetime) {
  extendable(event, lifetime);
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
  const newTarget = function () {};
  newTarget.prototype = {__proto__: Interface.prototype, waitUntil};
  return (...args) => Reflect.construct(Interface, args, newTarget);
}

export const ExtendableEventBase = /** @type {typeof Event} */ (
  /** @type {any} */ (globalThis).ExtendableEvent ?? Event
);

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
      extendableUntil(/** @type {any} */ (lifetimes.get(this)), answer);
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
 * @param {import('./lifetime.js').Lifetime} lifetime
 */
export function fireConnect(target, init, offer, lifetime) {
  const event = newConnectEvent('connect', init);
  offers.set(event, offer);
  dispatchExtendable(target, event, lifetime);
}

describeInterface(ServicePortConnectEvent, 'ServicePortConnectEvent', 1);
export const ExtendableServicePortCloseEvent = closeEvent(ExtendableEventBase, 'ExtendableServicePortCloseEvent');

const newConnectEvent = firing(ServicePortConnectEvent);

/** What the handlers of the next `close` event wait for. @type {Promise<unknown>[]} */
let unfinished = [];

/**
 * Resolves when the handlers of `close`, if it is fired before this turn is over, have done all that they wait for.
 */
export async function closeHandled() {
  /** @type {Promise<unknown>[]} */
  const promises = [];
  unfinished = promises;
  await undefined;
  for (const promise of promises) await promise;
}

/** What is fired for ports can be extended, in a service worker. */
export function extendPortEvents() {
  /** @type {any} */ (ServiceMessageEvent.prototype).waitUntil = waitUntil;
  const newCloseEvent = firing(ExtendableServicePortCloseEvent);
  makeCloseEventsBy((...args) => {
    const event = newCloseEvent(...args);
    const promises = unfinished;
    extendable(event, {
      extend(promise) {
        promises.push(promise);
        portLifetime.extend(promise);
      },
    });
    return event;
  });
}
