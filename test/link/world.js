/**
 * A world without chance: contexts that can be killed, their timers, and ports between them, on one virtual clock.
 * What is random comes from a seed. Messages are in order per port and late by a random time, as in a browser.
 */

import {SPARE} from '../../js/limits.js';

/** Numbers from a seed: mulberry32. */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    // Neighbouring seeds must not begin alike.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
    for (let i = 0; i < 4; i++) this.next();
  }

  /** @returns {number} in [0, 1) */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability;
  }

  /**
   * @param {number} low
   * @param {number} high
   */
  between(low, high) {
    return low + (high - low) * this.next();
  }

  /**
   * @param {number} low
   * @param {number} high inclusive
   */
  integer(low, high) {
    return Math.floor(this.between(low, high + 1));
  }

  /**
   * @template T
   * @param {Array<[weight: number, value: T]>} choices
   * @returns {T}
   */
  pick(choices) {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) if ((left -= weight) < 0) return value;
    return choices[choices.length - 1][1];
  }
}

/** What a kill takes along: a global with its timers and ports. */
export class Context {
  alive = true;
  /** @type {Map<number, () => void>} */
  timers = new Map();
  /** @type {Set<Port>} */
  ports = new Set();

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }
}

/**
 * @typedef {(event: {data: any, ports: Port[], stopImmediatePropagation: () => void}) => void} Listener
 *
 * A message on its way. @typedef {{data: any, transferred: boolean, vanished: boolean}} Flight */

/** One end of a channel; stands in for a MessagePort. */
export class Port {
  /** @type {Port} */
  peer = /** @type {any} */ (undefined);
  /** @type {Context | undefined} nobody while it travels */
  owner;
  closed = false;
  /** @type {((event: {ports: Port[]}) => void) | null} */
  onmessageerror = null;
  /** Messages that have left and not arrived. @type {Flight[]} */
  flying = [];
  #world;
  /** @type {Flight[]} arrived, and not delivered: nobody listens yet */
  #inbox = [];
  #started = false;
  /** @type {Listener | null} */
  #onmessage = null;
  /** What comes after that. @type {Listener[]} */
  #listeners = [];
  #arrival = 0;

  /** @param {World} world */
  constructor(world) {
    this.#world = world;
  }

  get onmessage() {
    return this.#onmessage;
  }

  set onmessage(handler) {
    this.#onmessage = handler;
    if (this.#started || !handler) return;
    this.#started = true;
    for (let i = 0; i < this.#inbox.length; i++) this.#world.after(0, () => this.#deliver());
  }

  /**
   * @param {'message'} _type
   * @param {Listener} listener
   */
  addEventListener(_type, listener) {
    this.#listeners.push(listener);
  }

  /**
   * @param {any} message
   * @param {Transferable[]} [transfer]
   */
  postMessage(message, transfer = []) {
    const data = structuredClone(message, {transfer});
    if (this.closed || !this.owner?.alive) return;
    const world = this.#world;
    world.posts++;
    /** @type {Flight} */
    const flight = {data, transferred: transfer.length > 0, vanished: false};
    this.flying.push(flight);
    world.onpost(this, flight);
    this.#arrival = Math.max(this.#arrival, world.now + world.delay());
    world.at(this.#arrival, () => {
      this.flying.shift();
      if (!flight.vanished) this.peer.#arrive(flight);
    });
  }

  close() {
    this.closed = true;
    this.owner?.ports.delete(this);
  }

  /** @param {Flight} flight */
  #arrive(flight) {
    this.#inbox.push(flight);
    if (this.#started) this.#deliver();
  }

  #deliver() {
    const flight = /** @type {Flight} */ (this.#inbox.shift());
    const world = this.#world;
    if (this.closed || !this.owner?.alive || !this.#onmessage) {
      world.ondrop(this, flight);
      return;
    }
    const sender = /** @type {Context} */ (this.peer.owner);
    const {data} = flight;
    if (world.isUnreadable(data)) {
      world.delivering = {sender, data, number: data[0]};
      world.enter(this.owner, () => this.onmessageerror?.({ports: []}));
    } else {
      let stopped = false;
      const event = {data, ports: [], stopImmediatePropagation: () => (stopped = true)};
      // Each of several messages that have come together meets a listener of its own.
      for (const [i, listener] of [this.#onmessage, ...this.#listeners].entries()) {
        if (stopped) break;
        world.delivering = {sender, data, number: data[0] + i};
        world.enter(this.owner, () => listener(event));
      }
    }
    world.delivering = undefined;
  }
}

export class World {
  now = 0;
  /** Events so far. */
  steps = 0;
  /** Messages posted so far. */
  posts = 0;
  /** @type {Context | undefined} whose code runs */
  current;
  /**
   * What is being delivered now, whose it is, and the number there of the message that meets its listener.
   *
   * @type {{sender: Context, data: any, number: number} | undefined}
   */
  delivering;
  /** Called for every message that leaves. @type {(port: Port, flight: Flight) => void} */
  onpost = () => {};
  /** Called when a message meets nobody. @type {(port: Port, flight: Flight) => void} */
  ondrop = () => {};
  /** Whether it can be posted and not be deserialized. @type {(data: any) => boolean} */
  isUnreadable = () => false;
  /** How late the next message is. @type {() => number} */
  delay = () => 0;
  /** @type {Array<[context: Context | undefined, run: () => void]>} */
  #microtasks = [];
  /** @type {Array<{time: number, order: number, run: () => void}>} a heap, the next event first */
  #events = [];
  #order = 0;
  #timers = 0;

  /** Puts this world's clock and timers in the place of the real ones. */
  install() {
    Object.defineProperty(globalThis, 'performance', {value: {now: () => this.now}, configurable: true});
    Object.assign(globalThis, {
      setTimeout: (/** @type {() => void} */ run, delay = 0) => this.#setTimeout(run, delay),
      clearTimeout: (/** @type {number | undefined} */ id) => this.current?.timers.delete(id ?? 0),
      queueMicrotask: (/** @type {() => void} */ run) => this.#microtasks.push([this.current, run]),
    });
  }

  /**
   * @param {() => void} run
   * @param {number} delay
   */
  #setTimeout(run, delay) {
    // All contexts share the module copy.js here, and with it this timer, which no other has the delay of.
    if (delay === SPARE) return 0;
    const context = this.current;
    if (!context) throw new Error('a timer of nobody');
    const id = ++this.#timers;
    if (!context.alive) return id;
    context.timers.set(id, run);
    this.after(delay, () => {
      if (context.timers.delete(id)) this.enter(context, run);
    });
    return id;
  }

  /**
   * Runs code of a context, unless that is dead, and the microtasks that it leaves once nothing else runs.
   *
   * @param {Context} context
   * @param {() => void} run
   */
  enter(context, run) {
    if (!context.alive) return;
    const outer = this.current;
    this.current = context;
    try {
      run();
    } finally {
      this.current = outer;
    }
    if (outer) return;
    for (let next; (next = this.#microtasks.shift());) {
      const [context, react] = next;
      if (!context?.alive) continue;
      this.current = context;
      react();
      this.current = undefined;
    }
  }

  /**
   * @param {Context} owner
   * @returns {[Port, Port]} the owner's and one on its way to somebody
   */
  channel(owner) {
    const [port1, port2] = [new Port(this), new Port(this)];
    port1.peer = port2;
    port2.peer = port1;
    this.give(port1, owner);
    return [port1, port2];
  }

  /**
   * @param {Port} port
   * @param {Context} context
   */
  give(port, context) {
    port.owner = context;
    context.ports.add(port);
  }

  /**
   * @param {Context} context
   * @param {(port: Port) => number} vanishing how many of the messages that each of its ports sent last never arrive
   */
  kill(context, vanishing) {
    context.alive = false;
    context.timers.clear();
    for (const port of context.ports) {
      const count = vanishing(port);
      for (const flight of port.flying.slice(port.flying.length - count)) flight.vanished = true;
    }
  }

  /**
   * @param {number} delay
   * @param {() => void} run
   */
  after(delay, run) {
    this.at(this.now + delay, run);
  }

  /**
   * @param {number} time
   * @param {() => void} run
   */
  at(time, run) {
    const events = this.#events;
    const event = {time: Math.max(time, this.now), order: ++this.#order, run};
    let i = events.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(event, events[parent])) break;
      events[i] = events[parent];
      i = parent;
    }
    events[i] = event;
  }

  /** @returns {boolean} whether there was an event to run until `deadline` */
  step(deadline = Infinity) {
    const events = this.#events;
    const next = events[0];
    if (!next || next.time > deadline) return false;
    const last = /** @type {typeof next} */ (events.pop());
    if (events.length > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= events.length) break;
        if (child + 1 < events.length && before(events[child + 1], events[child])) child++;
        if (!before(events[child], last)) break;
        events[i] = events[child];
        i = child;
      }
      events[i] = last;
    }
    this.now = next.time;
    this.steps++;
    next.run();
    return true;
  }

  /** @param {number} time */
  runUntil(time) {
    while (this.step(time));
    this.now = Math.max(this.now, time);
  }
}

/**
 * @param {{time: number, order: number}} a
 * @param {{time: number, order: number}} b
 */
const before = (a, b) => a.time < b.time || (a.time === b.time && a.order < b.order);
