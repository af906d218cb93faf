/**
 * The earlier draft's "Persisted MessagePorts": `self.ports` of a service worker. A stashed port stands for one end of
 * a link, as service ports do, and is stored and restored as they are.
 */
import {isActive} from './activation.js';
import {firePortEvent} from './events.js';
import {LAST_WORDS} from './limits.js';
import {portsRestored, transferList} from './port.js';
import {StashPipe, closeAfter, drain, pipes, postAfter, takeOver, takePort} from './stash-pipe.js';
import {savePort} from './store.js';
import {
  INTERNAL,
  defineEventHandler,
  describeInterface,
  domString,
  includeMembers,
  initEventHandlers,
  interfaceType,
  requireArguments,
  requireInternal,
} from './webidl.js';

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {MessagePort} near the stashed port itself
 * @property {MessagePort} [far] the other end of the channel that was made for it
 * @property {MessagePort} [taken] the port it was made of, until something else is known that stands behind it
 * @property {StashPipe} [pipe] what stands behind it
 * @property {boolean} [closed]
 */

/** What each port is that was ever stashed here. @type {WeakMap<MessagePort, Entry>} */
const entries = new WeakMap();

/** The stashed ports of this registration. @type {Set<StashedMessagePort>} */
const open = new Set();

/** Those of which only the port is known, by the application's port that they were. @type {Map<MessagePort, Entry>} */
const unknown = new Map();

/** The other end of each channel that this worker made: the browser does not tell. @type {WeakMap<MessagePort, MessagePort>} */
const peers = new WeakMap();

/** Ports that were closed. @type {WeakSet<MessagePort>} */
const closed = new WeakSet();

/** Ends that are no more, by their records. @type {WeakSet<import('./store.js').PortRecord>} */
export const endedRecords = new WeakSet();

/** How many connections are to be accepted with a port that is promised. */
let promised = 0;

/**
 * What gives each port into custody that waits for those, by the application's port.
 *
 * @type {Map<MessagePort, () => void>}
 */
const candidates = new Map();

/**
 * Until then, a port whose other end this worker has may turn out to be a connection's.
 *
 * @param {Promise<unknown>} accepted
 */
export function keepCandidatesUntil(accepted) {
  promised++;
  // Who accepts comes first.
  const settled = () =>
    setTimeout(() => {
      if (--promised === 0) for (const settle of candidates.values()) settle();
    });
  accepted.then(settled, settled);
}

/** @type {(taken: MessagePort, stand: Stand) => void} */
let keepInCustody = () => {};

/** @typedef {(link: import('./link.js').Link, record: import('./store.js').PortRecord) => void} Stand */

/**
 * @param {typeof keepInCustody} how takes a port that is no connection's, and gives the link to it to `stand`
 */
export const keepInCustodyBy = (how) => (keepInCustody = how);

const requirePort = interfaceType(MessagePort, 'onmessage');

/** @param {unknown} port */
const entryOf = (port) => {
  const entry = entries.get(/** @type {any} */ (port));
  if (!entry) throw new TypeError('Illegal invocation');
  return entry;
};

/** A native port whose messages are fired at `self.ports`; it can be transferred like any other. */
export class StashedMessagePort {
  constructor() {
    throw new TypeError('Illegal constructor');
  }

  get name() {
    return entryOf(this).name;
  }

  /**
   * @param {any} message
   * @param {Transferable[] | StructuredSerializeOptions} [options]
   */
  postMessage(message, options = {}) {
    const {near, pipe, taken} = entryOf(this);
    requireArguments(arguments);
    const transfer = transferList(options);
    if (transfer.includes(near)) throw new DOMException('A port can not carry itself.', 'DataCloneError');
    if (!open.has(this)) structuredClone(message, {transfer});
    else if (pipe) postAfter(pipe, message, transfer);
    else taken?.postMessage(message, transfer);
  }

  close() {
    const entry = entryOf(this);
    const {pipe} = entry;
    if (!open.delete(this)) return;
    entry.closed = true;
    closed.add(/** @type {any} */ (this));
    if (!pipe) return;
    write(entry);
    closeAfter(pipe);
  }
}
Object.setPrototypeOf(StashedMessagePort, MessagePort);
Object.setPrototypeOf(StashedMessagePort.prototype, MessagePort.prototype);
describeInterface(StashedMessagePort, 'StashedMessagePort');

/** The draft's "StashedPortCollection interface". */
export class StashedPortCollection extends EventTarget {
  #brand = true;

  /** @param {...unknown} token */
  constructor(...token) {
    requireInternal(token[0]);
    super();
    initEventHandlers(this);
  }

  /**
   * @param {string} name
   * @param {MessagePort} port neutered by this
   * @returns {StashedMessagePort}
   */
  add(name, port) {
    this.#brand;
    requireArguments(arguments, 2);
    name = domString(name);
    requirePort(port);
    if (closed.has(port)) throw new TypeError('The port has been closed.');
    const pipe = pipes.get(port);
    let taken;
    try {
      taken = takePort(port);
    } catch {
      throw new TypeError('The port has been transferred.');
    }
    if (pipe) {
      stand(stash({name, near: taken}), pipe, true);
      return /** @type {any} */ (taken);
    }
    const {port1: near, port2: far} = new MessageChannel();
    const entry = stash({name, near, far, taken});
    unknown.set(port, entry);
    const settle = () => {
      candidates.delete(port);
      if (!unknown.delete(port)) return;
      if (entry.closed) taken.close();
      else keepInCustody(taken, (link, record) => stand(entry, new StashPipe(link, far, undefined, record), false));
    };
    // A connection may be accepted with the other end before this turn is over, or when a promise of it settles.
    setTimeout(() => {
      if (promised === 0 || !peers.has(port)) {
        settle();
      } else if (unknown.has(port)) {
        candidates.set(port, settle);
        hear(entry, taken, '');
      }
    });
    return /** @type {any} */ (near);
  }

  /**
   * @param {string} name
   * @returns {Promise<StashedMessagePort[]>}
   */
  async match(name) {
    this.#brand;
    requireArguments(arguments);
    name = domString(name);
    if (isActive()) await portsRestored();
    return [...open].filter((port) => port.name === name);
  }
}
describeInterface(StashedPortCollection, 'StashedPortCollection');
defineEventHandler(StashedPortCollection.prototype, 'message');

/** `self.ports` */
export const ports = new StashedPortCollection(INTERNAL);

/**
 * @param {Entry} entry
 * @returns {Entry}
 */
function stash(entry) {
  watchTransfers();
  const {near} = entry;
  Object.setPrototypeOf(near, StashedMessagePort.prototype);
  entries.set(near, entry);
  open.add(/** @type {any} */ (near));
  return entry;
}

/**
 * @param {Entry} entry
 * @param {StashPipe} pipe
 * @param {boolean} used whether the application has used its end as a native port
 */
function stand(entry, pipe, used) {
  /** @type {any} */
  const near = entry.near;
  const {link} = pipe;
  entry.pipe = pipe;
  entry.taken = undefined;
  pipes.set(near, pipe);
  const {onrelease} = link;
  link.onrelease = () => {
    open.delete(near);
    onrelease();
  };
  if (open.has(near)) {
    const origin = originOf(pipe.record);
    takeOver(pipe, near, receiver(near, origin), used);
    link.onmessageerror = (carrier) => firePortEvent(ports, near, 'messageerror', {data: null, carrier, origin});
  }
  if (endedRecords.has(pipe.record)) {
    // What came before is still heard.
    open.delete(near);
    return;
  }
  write(entry);
  if (entry.closed) closeAfter(pipe);
}

/**
 * Whose messages come. Who has the other end of a port that is no connection is not known, as of any native port.
 *
 * @param {import('./store.js').PortRecord} record
 */
const originOf = ({targetURL, origin}) => (targetURL ? origin : '');

/**
 * @param {any} near
 * @param {string} origin
 * @returns {import('./pipe.js').Receiver}
 */
const receiver = (near, origin) => (data, carrier) => firePortEvent(ports, near, 'message', {data, carrier, origin});

/** Writes down whether the connection outlives this start of the worker. @param {Entry} entry */
function write({near, name, pipe}) {
  const record = pipe?.record;
  if (!record) return;
  const stashed = open.has(/** @type {any} */ (near));
  record.stash = stashed ? name : undefined;
  record.closing = !stashed;
  savePort(record).catch(() => {});
}

/**
 * @param {import('./store.js').PortRecord} record of a stashed port
 * @param {import('./link.js').Link} link
 */
export function restoreStash(record, link) {
  const {port1: near, port2: far} = new MessageChannel();
  const name = /** @type {string} */ (record.stash);
  stand(stash({name, near, far}), new StashPipe(link, far, undefined, record), false);
}

/**
 * What `navigator.connect` gives here.
 *
 * @type {typeof import('./native-port.js').createNativePort}
 */
export function createStashablePort(link, record) {
  const {port1, port2} = new MessageChannel();
  new StashPipe(link, port1, port2, record);
  return port2;
}

/**
 * A connection is accepted with `port`, whose other end the service keeps, and may have stashed.
 *
 * @param {unknown} port
 * @param {import('./store.js').PortRecord} record
 * @param {() => import('./link.js').Link} hold
 * @throws {TypeError | DOMException} when it is no port, or one that has been closed or transferred
 */
export function acceptPort(port, record, hold) {
  const accepted = requirePort(port);
  if (closed.has(accepted)) throw new TypeError('The port has been closed.');
  const near = /** @type {MessagePort} */ (peers.get(accepted));
  const far = takePort(accepted);
  const entry = unknown.get(near);
  if (!entry) {
    const link = hold();
    new StashPipe(link, far, near, record);
    // What it posted before is here already.
    if (closed.has(near)) setTimeout(() => link.close(), LAST_WORDS);
    return;
  }
  unknown.delete(near);
  candidates.delete(near);
  const taken = /** @type {MessagePort} */ (entry.taken);
  const pipe = new StashPipe(hold(), /** @type {MessagePort} */ (entry.far), undefined, record);
  drain(pipe, taken, far);
  stand(entry, pipe, false);
  hear(entry, taken, originOf(record));
}

/**
 * Takes what the other end, while it is this worker's, posts to where messages of the stashed port go.
 *
 * @param {Entry} entry
 * @param {MessagePort} taken
 * @param {string} origin
 */
function hear({near, far}, taken, origin) {
  const receive = receiver(near, origin);
  taken.onmessage = (event) => {
    if (open.has(/** @type {any} */ (near))) receive(event.data, event);
    else far?.postMessage(event.data, [...event.ports]);
  };
}

let watching = false;

/**
 * Transferring a stashed port takes it out of the collection, and nothing but the call that does so can tell. A worker
 * that stashes no port keeps its methods.
 */
function watchTransfers() {
  if (watching) return;
  watching = true;
  const {Client, MessagePort, ServiceWorker} = /** @type {any} */ (globalThis);
  for (const prototype of [Client, MessagePort, ServiceWorker].map((Interface) => Interface?.prototype)) {
    if (prototype) watch(prototype, 'postMessage');
  }
  watch(globalThis, 'structuredClone');
}

/**
 * @param {any} object
 * @param {string} name of a method that takes what is transferred as its second argument
 */
function watch(object, name) {
  const native = object[name];
  object[name] = {
    /** @this {any} @param {any} message @param {any[]} rest */
    [name](message, ...rest) {
      const [options] = rest;
      if (!options) return native.apply(this, arguments);
      const transfer = transferList(options);
      const result = native.call(this, message, {transfer});
      for (const port of transfer) leave(port);
      return result;
    },
  }[name];
}

/** @param {any} port that was transferred */
function leave(port) {
  const entry = entries.get(port);
  if (!entry || !open.delete(port)) return;
  entry.pipe?.relay();
  write(entry);
}

/**
 * Gives a service worker's global what the earlier draft adds to it.
 *
 * A service accepts with one port of a channel and stashes the other. That both belong together decides whether the
 * connection outlives the worker, and the browser tells nobody: the constructor must. So it is with ports that the
 * service has closed when their connection comes about.
 */
export function installStash() {
  initEventHandlers(/** @type {any} */ (globalThis));
  defineEventHandler(/** @type {any} */ (globalThis), 'connect');
  includeMembers(globalThis, {
    get ports() {
      return ports;
    },
  });
  const {MessageChannel, MessagePort} = globalThis;
  const {close} = MessagePort.prototype;
  includeMembers(MessagePort.prototype, {
    close() {
      close.call(this);
      closed.add(/** @type {any} */ (this));
    },
  });
  globalThis.MessageChannel = new Proxy(MessageChannel, {
    construct(target, args, newTarget) {
      const channel = Reflect.construct(target, args, newTarget);
      peers.set(channel.port1, channel.port2);
      peers.set(channel.port2, channel.port1);
      return channel;
    },
  });
}
