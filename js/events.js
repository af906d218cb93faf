/** The events fired at `navigator.services`. What only service workers know of them stands in `extendable-events.js`. */
import {ServicePort} from './port.js';
import {describeInterface, dictionary, interfaceType, requireArguments} from './webidl.js';

/** `carrier` is what the message came with, if any. @typedef {{data?: any, carrier?: any, origin: string}} MessageInit */

/**
 * A message event whose source is a `ServicePort`. The native constructors refuse such a source and cost five
 * times as much, so this inherits from the native prototype, for `instanceof` and its members' names, and
 * answers for itself.
 */
export class ServiceMessageEvent extends Event {
  #init;

  /**
   * @param {string} type
   * @param {MessageInit & {source: any}} init
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
    return this.#init.carrier.ports;
  }
}
/** @type {any} which exists in service workers alone */
const {ExtendableMessageEvent = MessageEvent} = /** @type {any} */ (globalThis);
delete (/** @type {any} */ (ServiceMessageEvent.prototype).constructor);
Object.setPrototypeOf(ServiceMessageEvent.prototype, ExtendableMessageEvent.prototype);
// As its own, all of an engine's members can be listed; what we have nothing for would throw.
for (const [name, {get}] of Object.entries(Object.getOwnPropertyDescriptors(ExtendableMessageEvent.prototype))) {
  if (!get) continue;
  const own = Object.getOwnPropertyDescriptor(ServiceMessageEvent.prototype, name)?.get ?? (() => null);
  Object.defineProperty(ServiceMessageEvent.prototype, name, {configurable: true, enumerable: true, get: own});
}

/**
 * @param {typeof Event} Base
 * @param {string} name
 */
export function closeEvent(Base, name) {
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

export const ServicePortCloseEvent = closeEvent(Event, 'ServicePortCloseEvent');

/** @type {(type: string, init: {source: import('./port.js').ServicePort}) => Event} */
let newCloseEvent = (type, init) => new ServicePortCloseEvent(type, init);

/** @param {typeof newCloseEvent} how */
export const makeCloseEventsBy = (how) => (newCloseEvent = how);

/**
 * Fires `message`, `messageerror` or `close` for a port.
 *
 * @param {EventTarget} target
 * @param {import('./port.js').ServicePort} source
 * @param {'message' | 'messageerror' | 'close'} type
 * @param {MessageInit} init
 */
export const firePortEvent = (target, source, type, init) =>
  target.dispatchEvent(
    type === 'close' ? newCloseEvent(type, {source}) : new ServiceMessageEvent(type, {...init, source}),
  );
