/** MessagePorts, MessageChannels and BroadcastChannels, and how messages are serialized for all that carries some. */
import {HOST, clone, UNREADABLE, detach, isDetached} from './clone.js';
import {types} from 'node:util';

/** @typedef {import('./world.js').Context} Context */
/** @typedef {{sender: Context, data: any, cores: Port[], holders: Array<{port: number}>, buffers: any[], unreadable: boolean}} Envelope */

/** What a transferred port is in the data, on its way. */
const isHolder = Symbol('port');

/** One end of a channel, whoever has it. */
class Port {
  /** @type {Port} */
  peer = /** @type {any} */ (undefined);
  /** @type {Context | undefined} nobody while it travels */
  owner;
  started = false;
  closed = false;
  /** Whether it may still hear what was posted before it was closed. */
  hearsOnce = false;
  /** Arrived, and not delivered. @type {Envelope[]} */
  inbox = [];
  /** @type {(envelope: Envelope) => void} */
  receive = () => {};
  /** In the realm. @type {any} */
  object;

  /**
   * @param {number} id
   * @param {import('./world.js').Pipe} pipe to this end
   */
  constructor(id, pipe) {
    this.id = id;
    this.pipe = pipe;
  }
}

export class Ports {
  #world;
  #made = 0;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  /**
   * @param {Context} context who posts
   * @param {any} message
   * @param {any[]} transfer
   * @returns {Envelope}
   */
  serialize(context, message, transfer) {
    const {realm} = context;
    /** @type {Map<any, any>} */
    const memo = new Map();
    /** @type {Port[]} */
    const cores = [];
    const holders = [];
    const buffers = [];
    for (const item of transfer) {
      if (memo.has(item)) realm.fail('What is there twice');
      if (realm.isPort(item)) {
        const core = /** @type {Port | undefined} */ (realm.coreOf(item));
        if (!core) return realm.fail('A port that was transferred');
        const holder = {[isHolder]: true, port: cores.push(core) - 1};
        holders.push(holder);
        memo.set(item, holder);
      } else if (types.isArrayBuffer(item)) {
        if (isDetached(item)) realm.fail('A detached buffer');
        buffers.push(item);
      } else if (realm.takeStream(item)) {
        const holder = {[isHolder]: true, port: -1};
        holders.push(holder);
        memo.set(item, holder);
      } else realm.fail('Such an object as a transferable');
    }
    const data = clone(message, HOST, realm.fail, memo);
    for (const buffer of buffers) detach(buffer);
    for (const core of cores) this.#disown(core);
    const unreadable = [...memo.values()].some((value) => value?.[UNREADABLE]);
    return {sender: context, data, cores, holders, buffers, unreadable};
  }

  /** @param {Port} core */
  #disown(core) {
    core.owner?.ports.delete(core);
    core.owner?.realm.disown(core.object);
    core.owner = core.object = undefined;
    core.started = false;
  }

  /**
   * @param {Context} context who receives
   * @param {Envelope} envelope
   * @returns {{data: any, ports: any}} of its realm
   */
  deserialize(context, {data, cores, holders}) {
    const {realm} = context;
    const list = new realm.intrinsics.Array();
    const memo = new Map();
    for (const core of cores) list.push(this.give(core, context));
    const {Stream} = realm.intrinsics;
    for (const holder of holders) memo.set(holder, holder.port < 0 ? new Stream() : list[holder.port]);
    return {data: clone(data, realm.intrinsics, realm.fail, memo), ports: realm.freeze(list)};
  }

  /**
   * @param {Port} core
   * @param {Context} context
   * @returns {any} the port there
   */
  give(core, context) {
    core.owner = context;
    context.ports.add(core);
    return (core.object = context.realm.newPort(core));
  }

  /** @returns {[Port, Port]} entangled, and nobody's yet */
  channel() {
    const make = () => new Port(++this.#made, this.#world.pipe());
    const [a, b] = [make(), make()];
    a.peer = b;
    b.peer = a;
    return [a, b];
  }

  /**
   * @param {Context} context
   * @param {Port | undefined} core none if it was transferred
   * @param {any} message
   * @param {any[]} transfer
   */
  post(context, core, message, transfer) {
    if (core && transfer.includes(core.object)) context.realm.fail('A port that carries itself');
    const envelope = this.serialize(context, message, transfer);
    if (!core || core.closed) return;
    const {peer} = core;
    const wasOpen = !peer.closed;
    peer.pipe.send(context, () => {
      if (peer.closed) {
        if (wasOpen && peer.hearsOnce) this.#hearLast(peer, envelope);
        return;
      }
      // Over the port of a SharedWorker's client, a page in the back/forward cache hears nothing: it is evicted.
      if (peer.owner?.cached) this.#world.windows.evict(peer.owner);
      peer.inbox.push(envelope);
      this.#deliver(peer);
    });
  }

  /** @param {Port} core to which the next that has arrived may be delivered */
  #deliver(core) {
    const {owner} = core;
    if (core.closed || !core.started || !owner || core.inbox.length === 0) return;
    const envelope = /** @type {Envelope} */ (core.inbox.shift());
    this.#world.enter(owner, `port ${core.id} ${describe(envelope)}`, () => core.receive(envelope));
  }

  /**
   * Firefox has a port that was closed hear one more message.
   *
   * @param {Port} core
   * @param {Envelope} envelope
   */
  #hearLast(core, envelope) {
    core.hearsOnce = false;
    const {owner} = core;
    if (owner) this.#world.enter(owner, `closed port ${core.id} ${describe(envelope)}`, () => core.receive(envelope));
  }

  /** @param {Port | undefined} core */
  start(core) {
    if (!core || core.started) return;
    core.started = true;
    for (let i = 0; i < core.inbox.length; i++) core.pipe.lane.push(() => this.#deliver(core));
  }

  /** @param {Port | undefined} core */
  close(core) {
    if (!core || core.closed) return;
    core.closed = true;
    core.inbox = [];
    core.hearsOnce = core.started && this.#world.profile.closedPortsHear && this.#world.random.chance(0.5);
    core.owner?.ports.delete(core);
  }

  /** @param {Context} context that has ended */
  end(context) {
    for (const core of context.ports) Object.assign(core, {closed: true, inbox: [], object: undefined});
    context.ports.clear();
    for (const channel of context.channels) context.place.channels.delete(channel);
    context.channels.clear();
  }

  /** @param {Context} context */
  api(context) {
    const world = this.#world;
    const {channels} = context.place;
    return {
      channel: () => this.channel().map((core) => this.give(core, context)),
      post: (/** @type {Port} */ core, /** @type {any} */ message, /** @type {any[]} */ transfer) =>
        this.post(context, core, message, transfer),
      start: (/** @type {Port} */ core) => this.start(core),
      close: (/** @type {Port} */ core) => this.close(core),
      clone: (/** @type {any} */ value, /** @type {any[]} */ transfer) =>
        this.deserialize(context, this.serialize(context, value, transfer)).data,
      /** @type {(name: string, receive: (data: any) => void) => any} */
      listen: (name, receive) => {
        const channel = {context, name, receive, pipe: world.pipe(), closed: false};
        channels.add(channel);
        context.channels.add(channel);
        return channel;
      },
      /** @type {(from: any, message: any) => void} */
      broadcast: (from, message) => {
        const envelope = this.serialize(context, message, []);
        for (const to of channels) {
          if (to === from || to.name !== from.name) continue;
          to.pipe.send(context, () => {
            if (to.closed || !to.context.alive) return;
            if (to.context.cached && world.profile.broadcastsEvict) world.windows.evict(to.context);
            world.enter(to.context, `broadcast ${describe(envelope)}`, () =>
              to.receive(this.deserialize(to.context, envelope).data),
            );
          });
        }
      },
      deafen: (/** @type {any} */ channel) => {
        channel.closed = true;
        channels.delete(channel);
        context.channels.delete(channel);
      },
      deserialize: (/** @type {Envelope} */ envelope) => this.deserialize(context, envelope),
      adopt: (/** @type {Port} */ core) => this.give(core, context),
    };
  }
}

/**
 * For the trace.
 *
 * @param {Envelope} envelope
 */
export function describe({data, cores}) {
  const text = JSON.stringify(data, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)) ?? 'undefined';
  return `${text.length > 160 ? `${text.slice(0, 160)}…` : text}${cores.length > 0 ? ` +${cores.length}` : ''}`;
}

/**
 * The same from within a realm.
 *
 * @param {any} host
 */
export function ports(host) {
  const {realm, constants} = host;
  const cores = new WeakMap();
  const check = (/** @type {any} */ value) => {
    if (!cores.has(value)) throw new TypeError('Illegal invocation');
  };
  const transferOf = (/** @type {any} */ options) =>
    Array.isArray(options) ? options : [...(options?.transfer ?? [])];
  class MessagePort extends EventTarget {
    constructor(/** @type {any} */ core) {
      super();
      if (typeof core !== 'object') throw new TypeError('Illegal constructor');
      cores.set(this, core);
    }
    postMessage(/** @type {any} */ message, /** @type {any} */ options = []) {
      host.ports.post(cores.get(this), message, transferOf(options));
    }
    start() {
      host.ports.start(cores.get(this));
    }
    close() {
      host.ports.close(cores.get(this));
    }
  }
  realm.attribute(MessagePort.prototype, 'message', check, (/** @type {any} */ port) => port.start());
  realm.attribute(MessagePort.prototype, 'messageerror', check);

  class MessageChannel {
    constructor() {
      const [port1, port2] = host.ports.channel();
      Object.assign(this, {port1, port2});
    }
  }
  class BroadcastChannel extends EventTarget {
    #channel;
    constructor(/** @type {string} */ name) {
      super();
      this.name = `${name}`;
      this.#channel = host.ports.listen(this.name, (/** @type {any} */ data) =>
        realm.fire(this, new MessageEvent('message', {data, origin: location.origin})),
      );
    }
    postMessage(/** @type {any} */ message) {
      if (this.#channel.closed) throw new DOMException('It is closed.', 'InvalidStateError');
      host.ports.broadcast(this.#channel, message);
    }
    close() {
      host.ports.deafen(this.#channel);
    }
  }
  realm.attribute(BroadcastChannel.prototype, 'message');
  /** Can be posted, and not be read where it arrives. */
  class Unreadable {}
  Object.defineProperty(Unreadable.prototype, constants.UNREADABLE, {value: true});
  /** Can be transferred, once, and is no port. */
  class Stream {}
  Object.defineProperty(Stream.prototype, constants.PLATFORM, {value: true});
  const taken = new WeakSet();

  Object.assign(realm, {
    intrinsics: {Unreadable, Stream, DOMException},
    takeStream: (/** @type {any} */ value) => value instanceof Stream && !taken.has(value) && taken.add(value),
    freeze: Object.freeze,
    transferOf,
    fail(/** @type {string} */ what, /** @type {string} */ name = 'DataCloneError') {
      throw new DOMException(`${what}: it can't be done.`, name);
    },
    isPort: (/** @type {any} */ value) => cores.has(value),
    coreOf: (/** @type {any} */ port) => cores.get(port),
    disown: (/** @type {any} */ port) => cores.set(port, undefined),
    receiveAt(/** @type {any} */ core, /** @type {any} */ target) {
      core.receive = (/** @type {any} */ envelope) => {
        // Who posted it can read it.
        const isUnreadable = envelope.unreadable && envelope.sender !== host.context;
        if (isUnreadable) realm.fire(target, new MessageEvent('messageerror'));
        else realm.fire(target, new MessageEvent('message', host.ports.deserialize(envelope)));
      };
    },
    newPort(/** @type {any} */ core) {
      const port = new MessagePort(core);
      realm.receiveAt(core, port);
      return port;
    },
  });
  for (const name of constants.CLASSES) realm.intrinsics[name] = /** @type {any} */ (globalThis)[name];
  host.define({MessagePort, MessageChannel, BroadcastChannel, Unreadable, Stream});
  host.define({
    structuredClone: (/** @type {any} */ value, /** @type {any} */ options) =>
      host.ports.clone(value, transferOf(options)),
  });
}
