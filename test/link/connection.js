/**
 * One connection in a world of faults: js/link.js at both ends as it is, and around it, reduced to what moves ports,
 * what bridges.js, bridge.js, the registry and service.js do. Every promise of a port is checked as it goes.
 */
import {DurableLink} from '../../js/durable-link.js';
import {Link} from '../../js/link.js';
import {KEEPALIVE, LAST_WORDS, MAX_WAITING, MESSAGE_SIZE} from '../../js/limits.js';
import {Context, Random, World} from './world.js';

/** Browsers stop a service worker this long after its last event. */
const IDLE = 30_000;
/** A stop may repeat this many messages: the README's promise. */
const MAX_REPEATED = 64;
/** At a stop, this many of what a port sent last may be lost. */
const MAX_VANISHED = 32;

/**
 * A message, numbered from 1 by the context that made it. It may be the answer to another.
 *
 * @typedef {{from: string, number: number, transfers: boolean, unreadable: boolean, answers: string}} Message
 */

const NAMES = ['client', 'service'];

/**
 * A message as the application posts it: an object, or the same as an array, which the link treats in its own way.
 *
 * @param {Message} message
 * @param {boolean} asArray
 * @param {string} ballast
 */
function write({from, number, transfers, unreadable, answers}, asArray, ballast) {
  if (!asArray || unreadable || answers) {
    const buffer = transfers ? new Float64Array([number]).buffer : undefined;
    // What can't be read is nothing plain.
    return {from, number, buffer, unreadable: unreadable && new Set(), answers, ballast};
  }
  const kind = NAMES.findIndex((name) => from.startsWith(name));
  const array = new Float64Array([number, kind, Number(from.slice(NAMES[kind].length))]);
  return transfers ? array : new Uint8Array(array.buffer);
}

/**
 * @param {any} data what `write` made
 * @returns {{from: string, number: number, buffer: ArrayBuffer | undefined, unreadable: boolean, answers: string}}
 */
function read(data) {
  if (!ArrayBuffer.isView(data)) return {...data, unreadable: Boolean(data.unreadable)};
  const buffer = /** @type {ArrayBuffer} */ (data.buffer);
  const [number, kind, start] = new Float64Array(buffer);
  const from = `${NAMES[kind]}${start}`;
  return {from, number, buffer: data instanceof Float64Array ? buffer : undefined, unreadable: false, answers: ''};
}

/** A page or service worker that holds one end, over all the starts of the latter. */
class End {
  starts = 0;
  /** @type {Context | undefined} the last start */
  context;
  /** @type {Link | undefined} that context's */
  link;
  /** What is kept in IndexedDB. */
  record = {exists: true, closing: false};
  /** Also there: messages that may outlive who posted them. @type {Array<Message & {kept: import('../../js/link.js').Kept}>} */
  unsent = [];
  /** Whether the application has closed this end. */
  closed = false;
  /** Whether `close` has been fired at this end. */
  told = false;
  released = false;
  /** What each context has posted here, its own and what it found in the database. @type {Map<string, Message[]>} */
  sent = new Map();
  /** How many it made itself. @type {Map<string, number>} */
  made = new Map();
  /** The last message handled, by the context that made it. @type {Map<string, number>} */
  handled = new Map();
  /** Stops since its start before met a message, but for those in the quiet. */
  stops = 0;
  /** How many came again, by the context that made them. @type {Map<string, number>} */
  repeated = new Map();
  /** How many stops there had been before a context made its first. @type {Map<string, number>} */
  before = new Map();
  /** The last message that this start got, by the context that posted and the one that made it. @type {Map<string, number>} */
  seen = new Map();
  lastEvent = 0;
  /** What of those is being removed: it has arrived. */
  removing = 0;
  /** When the last write to the database is done: they are in order. */
  written = 0;
  /** Writes to the database that have not been done, or never will: the worker was killed. */
  writing = 0;
  /** Events that the browser has yet to dispatch. @type {Array<() => void>} */
  events = [];
  starting = false;
  /** When the worker takes the last of them, and when it has read its ports. */
  ready = 0;
  restored = 0;

  /**
   * @param {string} name
   * @param {boolean} sleeps whether it is a service worker
   */
  constructor(name, sleeps) {
    this.name = name;
    this.sleeps = sleeps;
  }

  get alive() {
    return this.context?.alive === true;
  }

  /** Whether the application can post here. */
  get open() {
    return this.alive && this.link !== undefined && !this.closed && !this.released;
  }
}

/** What a run counts. */
const newStats = () => ({
  messages: 0,
  transfers: 0,
  together: 0,
  stops: 0,
  idleStops: 0,
  repeated: 0,
  mostRepeated: 0,
  reported: 0,
  unreadable: 0,
  refused: 0,
  ports: 0,
  closes: 0,
  revived: 0,
});
/** @typedef {ReturnType<typeof newStats>} Stats */

export class Connection {
  stats = newStats();
  /** The last things that happened. @type {string[]} */
  trace = [];
  #random;
  #world = new World();
  #client;
  #service;
  /** Whether a killed context's last messages may get lost. */
  #lossy;
  /** Whether the service echoes what it gets. */
  #echoes;
  #crashes;
  #transfers;
  /** Of how many messages the other end makes nothing; with chances of their own, as they are not what lives are about. */
  #unreadable;
  #reading;
  /** Faults of what is around: whether the registry and a window of the service's origin are there. */
  #registry = true;
  #window = true;
  #registered = true;
  /** Whether the bridge keeps the connection. */
  #kept = true;
  /** Whether ports get to the service. */
  #reachable = true;
  /** When the last control message arrives: they are in order. */
  #control = 0;
  #calm = false;
  /** Stops so far that were not in the quiet. */
  #stops = 0;
  /** Messages so far that a stop has spared from being removed from the database. */
  #spared = 0;
  /** What a context was flushed transferables to, by sender and number. @type {Map<string, import('./world.js').Port>} */
  #flushed = new Map();
  /** The client's messages that the service has answered. @type {Set<string>} */
  #answered = new Set();
  /** How contexts died. @type {Map<Context, 'idle' | 'killed'>} */
  #deaths = new Map();

  /** @param {number} seed */
  constructor(seed) {
    const random = (this.#random = new Random(seed));
    this.#client = new End('client', random.chance(0.3));
    this.#service = new End('service', true);
    this.#lossy = random.chance(0.5);
    this.#echoes = random.chance(0.5);
    this.#crashes = random.chance(0.3) ? 0.003 : 0;
    this.#transfers = random.pick([
      [2, 0],
      [2, 0.1],
      [1, 0.7],
    ]);
    this.#reading = new Random(~seed);
    this.#unreadable = this.#reading.chance(0.3) ? 0.05 : 0;
    const slow = random.pick([
      [3, 0.001],
      [1, 0.05],
    ]);
    const world = this.#world;
    world.delay = () => (random.chance(slow) ? random.between(1, 50) : random.between(0.02, 0.5));
    world.onpost = (port, {data, transferred}) => {
      if (data.length > 3) this.stats.together += data.length - 2;
      if (!transferred) return;
      for (let i = 0; i < data.length - 2; i++) this.#flushed.set(`${port.owner?.name} ${data[0] + i}`, port.peer);
    };
    world.isUnreadable = (data) => Array.isArray(data) && data.slice(2).some((message) => message?.unreadable);
    world.ondrop = (port, flight) => this.#dropped(port, flight);
    world.install();
  }

  get #ends() {
    return [this.#client, this.#service];
  }

  get steps() {
    return this.#world.steps;
  }

  /** @param {End} end */
  #other(end) {
    return end === this.#client ? this.#service : this.#client;
  }

  /**
   * @param {boolean} condition
   * @param {() => string} what must hold
   */
  #check(condition, what) {
    if (!condition) throw new Error(`at ${this.#world.now.toFixed(2)} ms: ${what()}`);
  }

  /** @param {string} what */
  #note(what) {
    this.trace.push(`${this.#world.now.toFixed(2)} ${what}`);
    if (this.trace.length > 80) this.trace.shift();
  }

  /**
   * Plays until so many events have happened, lets everything settle, closes, and checks.
   *
   * @param {number} steps
   */
  play(steps) {
    const world = this.#world;
    this.#begin();
    const [client, service] = this.#ends;
    const early = this.#random.chance(0.15) ? this.#random.next() * steps : Infinity;
    this.#act();
    while (world.steps < steps && world.step()) {
      if (world.steps > early && !this.#ended) this.#end();
    }
    this.#calm = this.#registry = this.#window = true;
    this.#note('calm');
    this.#announceWindow();
    if (this.#random.chance(0.02) && !client.sleeps && client.open) this.#overfill();
    this.#settle();
    if (!this.#ended) {
      for (const end of this.#ends) this.#checkArrived(end);
      this.#checkAnswered();
      if (client.sleeps && this.#random.chance(0.3)) this.#stream();
      else if (!client.sleeps && this.#reading.chance(0.1)) this.#meetBacklogs();
      const {posts} = world;
      world.runUntil(world.now + 200_000);
      this.#check(posts === world.posts, () => `${world.posts - posts} messages on a connection that is not used`);
      this.#close(this.#random.chance(0.5) ? client : service);
      this.#settle();
    }
    for (const end of this.#ends) this.#checkEnded(end);
  }

  /** Entangles the two ends for the first time, as a connect event has just been answered. */
  #begin() {
    const [client, service] = this.#ends;
    for (const end of this.#ends) {
      end.context = new Context(`${end.name}${++end.starts}`);
      this.#world.enter(end.context, () => this.#hold(end));
      this.#stopWhenIdle(end);
    }
    const [port1, port2] = this.#world.channel(/** @type {Context} */ (client.context));
    this.#world.enter(/** @type {Context} */ (client.context), () => client.link?.entangle(/** @type {any} */ (port1)));
    this.#giveService(port2);
  }

  /**
   * Makes the link of a start.
   *
   * @param {End} end
   */
  #hold(end) {
    const client = this.#client;
    const context = /** @type {Context} */ (end.context);
    const isClient = end === client;
    // See bridges.js and service.js.
    const link = end.sleeps ? this.#durable(end, context, isClient || client.sleeps) : new Link(context.name, true);
    end.link = link;
    end.released = false;
    end.seen = new Map();
    link.onmessage = (data) => this.#handle(end, read(data));
    link.onmessageerror = () => this.#report(end);
    link.onclose = () => this.#closed(end);
    link.onneed = isClient ? () => this.#bring() : () => this.#need();
    link.onclosing = () => this.#store(end, () => (end.record.closing = true));
    link.onsent = (last) => {
      end.removing = last;
      this.#store(end, () => (end.unsent = end.unsent.filter(({kept}) => kept.stored > last)));
    };
    link.onrelease = () => this.#release(end, context);
    if (isClient) this.#lookAfter(context, link);
  }

  /**
   * @param {End} end
   * @param {Context} context
   * @param {boolean} peerSleeps
   */
  #durable(end, context, peerSleeps) {
    const link = new DurableLink(context.name, peerSleeps, this.#client.sleeps);
    link.onunsent = (message, kept) => {
      const {buffer, ...own} = read(message);
      // No promise, since nothing here waits for one to run its reactions.
      /** @type {any} */
      const done = {
        then: (/** @type {() => void} */ react) =>
          this.#store(end, () => {
            end.unsent.push({...own, transfers: buffer !== undefined, kept});
            this.#world.enter(context, react);
          }),
      };
      return done;
    };
    return link;
  }

  /**
   * Writes to the database of a service worker, which takes its time.
   *
   * @param {End} end
   * @param {() => void} write
   */
  #store(end, write) {
    if (!end.sleeps) return;
    const {context} = end;
    end.writing++;
    end.written = Math.max(end.written, this.#world.now + this.#random.between(0.3, 3));
    this.#world.at(end.written, () => {
      if (!context?.alive) return;
      end.writing--;
      write();
    });
  }

  /**
   * @param {End} end
   * @param {Context} context
   */
  #release(end, context) {
    this.#check(!end.released, () => `${context.name} was released twice`);
    this.#note(`${context.name} is released`);
    end.released = true;
    this.#check(context.timers.size === 0, () => `${context.name} left ${context.timers.size} timers`);
    this.#check(context.ports.size === 0, () => `${context.name} left ${context.ports.size} ports open`);
    this.#store(end, () => {
      end.record.exists = false;
      end.unsent = [];
    });
    if (end === this.#client) this.#toBridge(() => (this.#kept = false));
  }

  // What bridges.js, bridge.js and the registry do.

  /**
   * The control port from the client to the bridge.
   *
   * @param {() => void} run
   */
  #toBridge(run) {
    const world = this.#world;
    const {context} = this.#client;
    this.#control = Math.max(this.#control, world.now + this.#hop());
    world.at(this.#control, () => {
      // The bridge of a page ends with it; a worker's is in another window.
      if (this.#client.sleeps ? this.#window : context?.alive) run();
    });
  }

  /**
   * The control port from the bridge to the client.
   *
   * @param {(link: Link) => void} run
   */
  #toClient(run) {
    const {context, link} = this.#client;
    if (!context || !link) return;
    this.#world.after(this.#hop(), () => this.#world.enter(context, () => run(link)));
  }

  #hop() {
    return this.#random.chance(0.02) ? this.#random.between(1, 30) : this.#random.between(0.05, 2);
  }

  /** BridgeTo.#bring */
  #bring() {
    const {context, link} = this.#client;
    if (!context?.alive || !link) return;
    this.stats.ports++;
    this.#note('the client brings a port');
    const [port1, port2] = this.#world.channel(context);
    this.#toBridge(() => {
      if (!this.#kept || !this.#reachable) return;
      if (this.#registered) this.#event(this.#service, () => this.#giveService(port2));
      else this.#toClient((link) => link.lose());
    });
    link.entangle(/** @type {any} */ (port1));
  }

  /**
   * Service.#entangle
   *
   * @param {import('./world.js').Port} port
   */
  #giveService(port) {
    const {context, link, released} = this.#service;
    if (!context?.alive) return;
    this.#note(`${context.name} gets a port`);
    this.#world.give(port, context);
    this.#world.enter(context, () => {
      if (link && !released) {
        link.entangle(/** @type {any} */ (port));
      } else {
        port.postMessage({type: 'close'});
        port.close();
      }
    });
  }

  /** The service asks the registry, the registry the bridge, the bridge the client. */
  #need() {
    const client = this.#client;
    this.#note('the service needs a port');
    this.#world.after(this.#hop() + this.#hop(), () => {
      if (!this.#registry || !this.#kept || !this.#window) return;
      this.#toClient((link) => link.insist());
      if (client.sleeps) this.#event(client, () => this.#openBridge());
    });
  }

  /** Bridge.#resume: the service may have tried to reach the client while no bridge was open. */
  #openBridge() {
    this.#toBridge(() => {
      if (this.#kept && this.#service.unsent.length > 0) this.#toClient((link) => link.insist());
    });
  }

  /** A window of the client's origin has come: courier.js */
  #announceWindow() {
    const client = this.#client;
    if (client.sleeps && client.record.exists) this.#event(client, () => this.#openBridge());
  }

  /**
   * BridgeTo.#lookAfter
   *
   * @param {Context} context
   * @param {Link} link
   */
  #lookAfter(context, link) {
    this.#world.after(KEEPALIVE, () => {
      if (!context.alive || this.#client.released) return;
      this.#world.enter(context, () => {
        if (link.used) this.#toBridge(() => this.#kept && this.#event(this.#service, () => {}));
        else if (link.outstanding) link.insist();
        link.used = false;
      });
      this.#lookAfter(context, link);
    });
  }

  // The lives of service workers.

  /**
   * `active.postMessage`: starts the worker, and is not lost when that is stopped before it could be dispatched.
   *
   * @param {End} end
   * @param {() => void} handle once the worker has read its ports
   */
  #event(end, handle) {
    const world = this.#world;
    if (!end.alive) this.#start(end);
    end.events.push(handle);
    end.ready = Math.max(end.ready, world.now + this.#random.between(0.05, 0.5));
    world.at(end.ready, () => this.#dispatch(end));
  }

  /** @param {End} end */
  #dispatch(end) {
    const world = this.#world;
    const {context} = end;
    if (!context?.alive) {
      this.#start(end);
      world.at(end.ready, () => this.#dispatch(end));
    } else if (world.now < end.ready && end.starting) {
      world.at(end.ready, () => this.#dispatch(end));
    } else {
      end.starting = false;
      this.#stopWhenIdle(end);
      const handle = /** @type {() => void} */ (end.events.shift());
      world.at(end.restored, () => world.enter(context, handle));
    }
  }

  /** @param {End} end */
  #start(end) {
    const world = this.#world;
    const context = (end.context = new Context(`${end.name}${++end.starts}`));
    this.#note(`${context.name} starts`);
    end.link = undefined;
    end.starting = true;
    end.ready = world.now + this.#random.between(5, 60);
    end.restored = end.ready + this.#random.between(0.5, 10);
    this.#stopWhenIdle(end);
    world.at(end.restored, () => world.enter(context, () => this.#restore(end)));
  }

  /**
   * Service.#restore
   *
   * @param {End} end
   */
  #restore(end) {
    if (!end.record.exists) return;
    if (end.told || end.released || (end.closed && !end.record.closing)) this.#revive(end);
    this.#hold(end);
    for (const message of end.unsent) this.#send(end, message, '', message.kept);
    if (end.record.closing) end.link?.close();
    if (end === this.#service && !this.#client.sleeps && !this.#client.alive) end.link?.lose();
  }

  /**
   * A worker that was killed before its database had heard of the end has its port back.
   *
   * @param {End} end
   */
  #revive(end) {
    this.stats.revived++;
    this.#note(`${end.context?.name} has a port that had ended`);
    end.closed = end.record.closing;
    end.told = end.released = false;
  }

  /** @param {End} end */
  #stopWhenIdle(end) {
    if (!end.sleeps) return;
    const {context} = end;
    const since = (end.lastEvent = Math.max(this.#world.now, end.ready));
    this.#world.at(since + IDLE, () => {
      if (end.context === context && end.lastEvent === since && context?.alive) this.#stop(end, 'idle');
    });
  }

  /**
   * @param {End} end
   * @param {'idle' | 'killed'} how
   */
  #stop(end, how) {
    const {context} = end;
    if (!context?.alive) return;
    this.stats.stops++;
    if (how === 'idle') this.stats.idleStops++;
    const quiet = !this.#ends.some(({alive, link, unsent}) => unsent.length > 0 || (alive && link?.outstanding));
    if (!quiet) {
      this.#stops++;
      end.stops++;
    }
    // What has arrived and could not be removed in time will come again, on top of what a stop may repeat.
    this.#spared += end.unsent.filter(({kept}) => kept.stored <= end.removing).length;
    end.removing = 0;
    this.#note(`${context.name} is stopped: ${how}${quiet ? ', in the quiet' : ''}`);
    this.#deaths.set(context, how);
    const random = this.#random;
    this.#world.kill(context, (port) =>
      this.#lossy ? random.integer(0, Math.min(port.flying.length, MAX_VANISHED)) : 0,
    );
    if (end === this.#client) return;
    this.#world.after(random.between(1, 20), () => {
      if (this.#registry && this.#kept && this.#window) this.#toClient((link) => link.stopped(context.name));
    });
  }

  // The application, and what it may expect.

  /**
   * @param {End} end
   * @param {boolean} [transfers]
   * @param {string} [ballast]
   * @param {string} [answers] what it answers
   * @returns {boolean} whether there was room
   */
  #post(end, transfers = this.#random.chance(this.#transfers), ballast = '', answers = '') {
    const {name} = /** @type {Context} */ (end.context);
    const number = (end.made.get(name) ?? 0) + 1;
    if (number === 1) end.before.set(name, this.#stops);
    const unreadable = !ballast && !answers && this.#reading.chance(this.#unreadable);
    const room = this.#send(end, {from: name, number, transfers, unreadable, answers}, ballast);
    if (room) end.made.set(name, number);
    this.stats.messages++;
    if (transfers) this.stats.transfers++;
    return room;
  }

  /**
   * @param {End} end
   * @param {Message} message
   * @param {string} ballast
   * @param {import('../../js/link.js').Kept} [kept]
   * @returns {boolean} whether there was room
   */
  #send(end, message, ballast, kept) {
    const context = /** @type {Context} */ (end.context);
    const sent = end.sent.get(context.name) ?? [];
    end.sent.set(context.name, sent);
    /** @type {any} */
    const written = write(message, ballast === '' && this.#random.chance(0.3), ballast);
    // What was stored was copied, and has nothing to transfer any more.
    const transfer = message.transfers && !kept ? [written.buffer] : [];
    let room = true;
    this.#world.enter(context, () => {
      // Before it is posted, since that may deliver it at once.
      sent.push(message);
      try {
        end.link?.post(written, transfer, kept);
        // It is the application's again.
        if (written instanceof Uint8Array) written.fill(255);
      } catch (error) {
        const {name} = /** @type {DOMException} */ (error);
        this.#check(name === 'QuotaExceededError', () => `post threw ${error}`);
        sent.pop();
        room = false;
        this.stats.refused++;
      }
    });
    return room;
  }

  /**
   * @param {End} end
   * @param {ReturnType<typeof read>} data
   */
  #handle(end, {from, number, buffer, answers}) {
    if (end.sleeps && this.#random.chance(this.#crashes) && !this.#calm) {
      this.#stop(end, 'killed');
      return;
    }
    const {transfers} = this.#posted(end);
    this.#check(transfers === (buffer !== undefined), () => `${from}'s ${number} has lost what it carried`);
    this.#check(!buffer || new Float64Array(buffer)[0] === number, () => `${from}'s ${number} is damaged`);
    this.#count(end, from, number);
    if (answers) this.#answered.add(answers);
    if (this.#echoes && end === this.#service && end.open) this.#post(end, false, '', `${from} ${number}`);
  }

  /**
   * A message can't be read, or was lost with the worker it had been transferred to.
   *
   * @param {End} end
   */
  #report(end) {
    const {sender, data} = /** @type {NonNullable<World['delivering']>} */ (this.#world.delivering);
    const {from, number, transfers, unreadable} = this.#posted(end);
    if (unreadable && data.length >= 3) {
      this.stats.unreadable++;
      this.#count(end, from, number);
      return;
    }
    this.stats.reported++;
    this.#note(`${end.context?.name} is told that ${from}'s ${number} is lost`);
    this.#check(transfers, () => `a message without transferables is lost`);
    const target = this.#flushed.get(`${sender.name} ${data[0]}`)?.owner;
    const death = target && this.#deaths.get(target);
    // Only a service has an event to thank for each port; a client that sleeps brings ports at any time.
    const excused = death === 'killed' || (death === 'idle' && end === this.#client);
    this.#check(excused, () => `${from}'s ${number} is reported lost, and ${target?.name} is ${death ?? 'alive'}`);
    this.#count(end, from, number);
  }

  /**
   * What is being delivered, as it was posted: a context's link numbers as it posts.
   *
   * @param {End} end where
   * @returns {Message}
   */
  #posted(end) {
    const {sender, number} = /** @type {NonNullable<World['delivering']>} */ (this.#world.delivering);
    const message = this.#other(end).sent.get(sender.name)?.[number - 1];
    if (!message) throw new Error(`${sender.name} never posted ${number}`);
    return message;
  }

  /**
   * @param {End} end
   * @param {string} from
   * @param {number} number
   */
  #count(end, from, number) {
    const name = end.context?.name;
    this.#check(!end.closed && !end.told, () => `${name} got ${from}'s ${number} after the close`);
    const handled = end.handled.get(from) ?? 0;
    const seen = end.seen.get(`${this.#world.delivering?.sender.name} ${from}`);
    const sender = this.#world.delivering?.sender.name;
    // Of what a worker has left in the database, what it had posted with transferables is missing.
    const missing = sender === from ? 0 : this.#transfersBetween(end, from, handled, number);
    this.#check(
      number <= handled + 1 + missing,
      () => `${name} got ${from}'s ${number}, the last handled is ${handled}`,
    );
    const {alive, context} = this.#other(end);
    if (seen === undefined && sender === from && alive && context?.name === from) {
      // Who made it lives: nothing but this end's own stops can have made it come again. What was transferred does not.
      const transferred = this.#transfersBetween(end, from, number - 1, handled + 1);
      const again = Math.max(0, handled + 1 - number - transferred);
      this.stats.mostRepeated = Math.max(this.stats.mostRepeated, again);
      this.#check(
        again <= end.stops * MAX_REPEATED,
        () => `${name} got ${again} of ${from}'s after ${end.stops} stops`,
      );
      end.stops = 0;
    }
    // What an earlier start had handled may be left out: its confirmation came late.
    this.#check(seen === undefined || number > seen, () => `${name} got ${from}'s ${number} after ${seen}`);
    if (number <= handled) {
      const repeated = (end.repeated.get(from) ?? 0) + 1;
      end.repeated.set(from, repeated);
      this.stats.repeated++;
      const stops = this.#stops - (this.#other(end).before.get(from) ?? 0);
      this.#check(
        repeated <= stops * MAX_REPEATED + (end.sleeps ? this.#spared : 0),
        () => `${name} got ${repeated} of ${from}'s again after ${stops} stops`,
      );
    }
    end.seen.set(`${sender} ${from}`, number);
    end.handled.set(from, Math.max(handled, number));
  }

  /**
   * @param {End} end
   * @param {string} from
   * @param {number} low
   * @param {number} high
   * @returns {number} how many of a context's messages between two carried transferables
   */
  #transfersBetween(end, from, low, high) {
    const made =
      this.#other(end)
        .sent.get(from)
        ?.filter((message) => message.from === from) ?? [];
    return made.slice(low, high - 1).filter(({transfers}) => transfers).length;
  }

  /**
   * @param {import('./world.js').Port} port
   * @param {import('./world.js').Flight} flight
   */
  #dropped({owner, peer}, {data}) {
    // What a worker had sent before it was stopped is the last of it: nobody will send it again.
    if (!Array.isArray(data) || data.length < 3 || !owner?.alive || peer.owner?.alive) return;
    const end = this.#ends.find(({context}) => context === owner);
    if (!end || end.released || end.closed) return;
    for (const message of data.slice(2)) {
      const {from, number} = read(message);
      // But what it posted for an earlier start is kept, and the next one posts it again.
      if (from !== peer.owner?.name) continue;
      this.#check((end.handled.get(from) ?? 0) >= number, () => `${owner.name} did not listen to ${from}'s last words`);
    }
  }

  /** @param {End} end */
  #closed(end) {
    this.#note(`${end.context?.name} hears of the close`);
    this.#check(!end.told && !end.closed, () => `${end.context?.name} was told of the close twice`);
    const other = this.#other(end);
    if (other.closed && other.alive) this.#checkArrived(other);
    end.told = true;
    this.stats.closes++;
  }

  /**
   * Everything that the context which now has this end posted has been handled.
   *
   * @param {End} end
   */
  #checkArrived(end) {
    if (!end.alive || !end.context) return;
    const {name} = end.context;
    for (const {from, number} of end.sent.get(name) ?? []) {
      const handled = this.#other(end).handled.get(from) ?? 0;
      this.#check(number <= handled, () => `${name} sent ${from}'s ${number}, the last handled is ${handled}`);
    }
    const link = end.link;
    if (!link || end.closed) return;
    this.#check(!link.outstanding && link.bufferedAmount === 0, () => `${name} waits for confirmations`);
    this.#check(end.unsent.length === 0, () => `${name} keeps ${end.unsent.length} messages that have arrived`);
  }

  /** Whatever became of the worker that handled a message: what it answers in the same moment has arrived. */
  #checkAnswered() {
    const {context, sent} = this.#client;
    if (!this.#echoes || !context) return;
    for (const {from, number, transfers, unreadable} of sent.get(context.name) ?? []) {
      if (transfers || unreadable) continue;
      this.#check(this.#answered.has(`${from} ${number}`), () => `${from}'s ${number} was never answered`);
    }
  }

  // What happens.

  get #ended() {
    return (
      !this.#registered || this.#ends.some(({closed, told, sleeps, alive}) => closed || told || (!sleeps && !alive))
    );
  }

  /** Does something at random, and goes on. */
  #act() {
    if (this.#calm) return;
    const random = this.#random;
    const [client, service] = this.#ends;
    const end = random.chance(0.6) ? client : service;
    random.pick([
      [40, () => this.#burst(end, random.integer(1, 4))],
      [8, () => this.#burst(end, random.integer(20, 120))],
      [4, () => this.#stop(service, 'killed')],
      [2, () => client.sleeps && this.#stop(client, 'killed')],
      [2, () => this.#event(service, () => this.#burst(service, random.integer(0, 3)))],
      [2, () => client.sleeps && this.#event(client, () => this.#burst(client, random.integer(0, 3)))],
      [1, () => (this.#registry = !this.#registry && random.chance(0.9))],
      [1, () => (this.#registry = true)],
      [1, () => client.sleeps && (this.#window = false)],
      [1, () => (this.#window = true) && this.#announceWindow()],
      [1, () => this.#needAgain()],
    ])();
    const pause = random.pick([
      [60, random.between(0, 0.3)],
      [30, random.between(0, 30)],
      [6, random.between(0, 3_000)],
      [2, random.between(5_000, 50_000)],
    ]);
    this.#world.after(pause, () => this.#act());
  }

  /**
   * @param {End} end
   * @param {number} count
   */
  #burst(end, count) {
    for (let i = 0; i < count && end.open; i++) this.#post(end);
  }

  /** A new registry announces itself: Service.#introduce */
  #needAgain() {
    const {open, link} = this.#service;
    if (open && link?.outstanding) this.#need();
  }

  /** Ends the connection in one of the ways there are. */
  #end() {
    const [client, service] = this.#ends;
    this.#random.pick([
      [2, () => this.#close(client)],
      [2, () => this.#close(service)],
      [2, () => !client.sleeps && this.#leave()],
      [1, () => this.#unregister()],
    ])();
  }

  /**
   * @param {End} end
   */
  #close(end) {
    const close = () => {
      if (!end.open) return;
      this.#note(`${end.context?.name} closes`);
      end.closed = true;
      end.link?.close();
    };
    if (!end.sleeps) this.#world.enter(/** @type {Context} */ (end.context), close);
    else this.#event(end, close);
  }

  /** The page is left, or crashes. */
  #leave() {
    const [client, service] = this.#ends;
    const context = /** @type {Context} */ (client.context);
    if (this.#random.chance(0.5)) this.#world.enter(context, () => client.link?.leave());
    this.#note('the page is left');
    this.#world.kill(context, () => 0);
    this.#kept = false;
    const lose = () => {
      const {context, link} = service;
      if (context && link) this.#world.after(LAST_WORDS, () => this.#world.enter(context, () => link.lose()));
    };
    this.#world.after(this.#random.between(1, 20), () => (service.alive ? lose() : this.#event(service, () => {})));
  }

  #unregister() {
    this.#note('the service is unregistered');
    this.#registered = false;
    this.#stop(this.#service, 'killed');
    this.#service.record.exists = false;
    this.#world.after(this.#random.between(2, 30), () => this.#toClient((link) => link.lose()));
  }

  /** Posts to a service that can't be reached until there is no room, and no message more. */
  #overfill() {
    const client = this.#client;
    this.#note('too much');
    this.#stop(this.#service, 'killed');
    this.#reachable = false;
    const ballast = this.#random.chance(0.2) ? '' : 'x'.repeat(1 << 20);
    const context = /** @type {Context} */ (client.context);
    const room = MAX_WAITING / MESSAGE_SIZE;
    let posted = 0;
    while (this.#post(client, false, ballast) && posted <= room) posted++;
    const link = /** @type {Link} */ (client.link);
    this.#check(posted <= room, () => `${context.name} may post without end`);
    this.#check(link.bufferedAmount < MAX_WAITING + (4 << 20), () => `${link.bufferedAmount} bytes wait`);
    this.#world.runUntil(this.#world.now + this.#random.between(100, 60_000));
    this.#reachable = true;
  }

  /**
   * Two workers post without a pause, faster than a database writes, and nothing else happens: messages must get
   * through. A page is made to wait for as long as its service has not posted what it kept while it started.
   */
  #stream() {
    this.#note('both post all the time');
    const began = this.#world.now;
    const post = () => {
      for (const end of this.#ends) this.#event(end, () => this.#burst(end, 1));
      if (this.#world.now < began + 400) this.#world.after(0.2, post);
    };
    const handledOf = (/** @type {End} */ end) => this.#other(end).handled.get(end.context?.name ?? '') ?? 0;
    post();
    this.#world.runUntil(began + 150);
    const before = this.#ends.map(handledOf);
    this.#world.runUntil(began + 350);
    // The first window is long through. However slow the world, without confirmations nothing follows.
    for (const [i, end] of this.#ends.entries()) {
      this.#check(handledOf(end) > before[i], () => `nothing more of ${end.context?.name}'s gets through`);
    }
    this.#settle();
    for (const end of this.#ends) this.#checkArrived(end);
  }

  /**
   * A service starts with more to post than may be on its way at a time, and so has its page, which goes on posting:
   * nobody takes that for stuck.
   */
  #meetBacklogs() {
    this.#note('both have a backlog');
    const world = this.#world;
    const [client, service] = this.#ends;
    this.#reachable = false;
    this.#stop(service, 'killed');
    this.#event(service, () => this.#burst(service, 200));
    world.runUntil(world.now + 1_000);
    this.#stop(service, 'killed');
    this.#reachable = true;
    const began = world.now;
    this.#burst(client, 200);
    const post = () => {
      this.#burst(client, 1);
      if (world.now < began + 3_000) world.after(5, post);
    };
    post();
    world.runUntil(began + 1_500);
    const {name} = /** @type {Context} */ (client.context);
    const made = client.made.get(name) ?? 0;
    world.runUntil(began + 2_500);
    const handled = service.handled.get(name) ?? 0;
    this.#check(handled >= made, () => `${made - handled} of ${name}'s do not get through`);
    this.#settle();
    for (const end of this.#ends) this.#checkArrived(end);
  }

  /** Long enough for every retry. */
  #settle() {
    this.#world.runUntil(this.#world.now + 300_000);
  }

  /** @param {End} end */
  #checkEnded(end) {
    const name = end.context?.name;
    // A worker that was killed before it could write its port's end down keeps it until it hears that the page is gone.
    const {closing, exists} = end.record;
    const lost = end.writing > 0 || (closing && this.#other(end).released);
    if (end.sleeps) this.#check(!exists || lost, () => `${name}'s port is kept for ever`);
    if (end.alive && !lost) {
      this.#check(end.closed || end.told || !end.link, () => `${name} never heard of the close`);
      this.#check(end.released || !end.link, () => `${name} was not released`);
    }
  }
}
