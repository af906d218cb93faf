/** The box: contexts, where they live, and how the world enters and ends them. Each part of the platform has a file. */
import {Databases} from './idb.js';
import {Go} from './go.js';
import {Locks} from './locks.js';
import {Modules} from './modules.js';
import {Network} from './network.js';
import {Ports} from './ports.js';
import {Scheduler} from './scheduler.js';
import {ServiceWorkers} from './service-workers.js';
import {Timers} from './timers.js';
import {Windows} from './windows.js';
import {Workers} from './workers.js';
import {constants, createRealm} from './realm.js';

/** Runs the microtasks of all contexts, at once. It must not be called in one: it would do nothing, without a word. */
const drain = process._tickCallback;

/** @typedef {'window' | 'worker' | 'sharedworker' | 'serviceworker'} Kind */
/** @typedef {{sender: Context, pipe: Pipe, vanished: boolean, late: number}} Flight what is on its way */

/** Takes things to one receiver, in order. What a process had just written when it was killed may never arrive. */
export class Pipe {
  /** @param {import('./scheduler.js').Lane} lane */
  constructor(lane) {
    this.lane = lane;
  }

  /**
   * @param {Context} sender
   * @param {() => void} deliver
   */
  send(sender, deliver) {
    /** @type {Flight} */
    const flight = {sender, pipe: this, vanished: false, late: 0};
    sender.flying.add(flight);
    this.lane.push(() => {
      sender.flying.delete(flight);
      if (flight.late > 0) this.lane.wait(flight.late, deliver);
      else if (!flight.vanished) deliver();
    });
  }
}

/** What an origin has in one storage partition. */
export class Place {
  /** @type {Map<string, import('./locks.js').Lock>} */
  locks = new Map();
  /** @type {Set<any>} open broadcast channels */
  channels = new Set();
  /** @type {Map<string, import('./idb.js').Database>} */
  databases = new Map();
  /** @type {import('./service-workers.js').Registration[]} */
  registrations = [];
  /** @type {Map<string, import('./workers.js').Shared>} */
  shared = new Map();

  /**
   * @param {string} origin
   * @param {string} key
   */
  constructor(origin, key) {
    this.origin = origin;
    this.key = key;
  }
}

/** A global, with all that ends with it. */
export class Context {
  alive = true;
  /** In the back/forward cache. */
  cached = false;
  hidden = false;
  /** What takes place before a page is left that is being left. @type {Array<() => void> | undefined} */
  departing;
  /** What it has to do once it is no longer frozen. @type {Array<() => void> | undefined} */
  suspended;
  /** Whether it is just handed that. */
  thaws = false;
  /** @type {Map<number, {cancel(): void}>} */
  timers = new Map();
  /** @type {Set<any>} */
  ports = new Set();
  /** @type {Set<any>} */
  channels = new Set();
  /** @type {Set<import('./idb.js').Transaction>} */
  transactions = new Set();
  /** Contexts that end with this one. @type {Set<Context>} */
  children = new Set();
  /** The shared workers whose client this is. @type {Set<import('./workers.js').Shared>} */
  clientOf = new Set();
  /** @type {Set<Flight>} */
  flying = new Set();
  /** @type {Map<string, Promise<any>>} */
  modules = new Map();
  /** Modules that did not load. @type {Set<string>} */
  failedImports = new Set();
  /** What the parts of the platform offer each other in its realm. @type {any} */
  realm = {};
  /** @type {any} */
  global;
  /** @type {Context | undefined} the window that embeds it, or the context that made it */
  parent;
  /** @type {import('./service-workers.js').Version | undefined} of a service worker */
  version;
  /** Its name, of a worker. */
  workerName = '';

  /**
   * @param {World} world
   * @param {Kind} kind
   * @param {Place} place
   * @param {string} url
   * @param {string} role
   * @param {number} number
   */
  constructor(world, kind, place, url, role, number) {
    const {scheduler} = world;
    this.kind = kind;
    this.place = place;
    this.url = url;
    this.origin = place.origin;
    this.role = role;
    this.name = `${role}#${number}`;
    this.born = scheduler.now;
    this.timerLane = scheduler.lane(1);
    this.lane = scheduler.lane();
    this.lockLane = scheduler.lane();
    this.lockPipe = world.pipe();
    this.windowPipe = world.pipe();
  }
}

/** What has no part in the platform's behaviour is Node's. */
const web = {URL, URLSearchParams, TextEncoder, TextDecoder};

/** The one that has its turn: rejections come without a context. @type {World | undefined} */
let current;
process.on('unhandledRejection', (reason) => current?.uncaught(current.running, reason, 'unhandled rejection'));

export class World {
  /** @type {Set<Context>} those that live */
  contexts = new Set();
  /** What no application should see: uncaught errors, rejections. @type {string[]} */
  errors = [];
  /** @type {Context | undefined} whose turn it is */
  running;
  /** How many contexts there have been. */
  created = 0;
  /** Called at each point at which a fault may hit a context: its turns, and whatever it asks the platform for. */
  onpoint = (/** @type {Context} */ _context) => {};
  /** Called for each new context, before anything runs there. */
  oncreate = (/** @type {Context} */ _context) => {};
  /** Called when one has ended. */
  onend = (/** @type {Context} */ _context, /** @type {string} */ _why) => {};
  /** Called when a service worker has been replaced that lives on for a moment. */
  onretire = (/** @type {Context} */ _context) => {};
  /** @type {Map<string, Place>} */
  places = new Map();
  /** Whose service workers are services. */
  serviceOrigin = '';

  /**
   * @param {number} seed
   * @param {import('./profiles.js').Profile} profile
   * @param {{keep?: number, wasm?: any}} [options]
   */
  constructor(seed, profile, {keep = 0, wasm} = {}) {
    current = this;
    this.profile = profile;
    this.scheduler = new Scheduler(seed, keep);
    this.random = this.scheduler.random;
    this.ports = new Ports(this);
    this.locks = new Locks(this);
    this.timers = new Timers(this);
    this.go = new Go(this);
    this.databases = new Databases(this);
    this.network = new Network(this, wasm);
    this.modules = new Modules(this);
    this.windows = new Windows(this);
    this.workers = new Workers(this);
    this.serviceWorkers = new ServiceWorkers(this);
  }

  /** @param {number} [patience] */
  pipe(patience) {
    return new Pipe(this.scheduler.lane(patience));
  }

  /** @param {string} line */
  trace(line) {
    this.scheduler.trace(line);
  }

  /**
   * @param {Context | undefined} context
   * @param {any} error
   * @param {string} [what]
   */
  uncaught(context, error, what = 'uncaught') {
    // What is left of a turn in the middle of which its context has ended is no browser's.
    if (context && !context.alive) return;
    this.errors.push(`${what} in ${context?.name}: ${error?.stack ?? error}`);
    this.trace(`! ${what} in ${context?.name}: ${error?.name} ${error?.message ?? error}`);
  }

  /**
   * @param {string} origin
   * @param {string} [top] the origin of the page that all is embedded in
   */
  place(origin, top = origin) {
    const isSame = this.profile.partitionsByOrigin ? origin === top : siteOf(origin) === siteOf(top);
    const key = isSame ? origin : `${origin} in ${this.profile.partitionsByOrigin ? top : siteOf(top)}`;
    let place = this.places.get(key);
    if (!place) this.places.set(key, (place = new Place(origin, key)));
    return place;
  }

  /**
   * @param {Kind} kind
   * @param {Place} place
   * @param {string} url
   * @param {string} role what faults know it as
   * @param {Partial<Context>} [more]
   */
  create(kind, place, url, role, more = {}) {
    const context = Object.assign(new Context(this, kind, place, url, role, ++this.created), more);
    context.global = createRealm(this.#hostFor(context));
    this.contexts.add(context);
    this.trace(`+ ${context.name} ${url}`);
    this.oncreate(context);
    return context;
  }

  /**
   * A turn of a context: code of its runs, and all microtasks that follow.
   *
   * @param {Context} context
   * @param {string} label
   * @param {() => void} run
   */
  enter(context, label, run) {
    if (!context.alive) return;
    if (context.suspended) {
      context.suspended.push(() => this.enter(context, label, run));
      return;
    }
    this.trace(`${context.name} ${label}`);
    const outer = this.running;
    if (outer) throw new Error(`${label} of ${context.name} came in the middle of ${outer.name}`);
    this.running = context;
    try {
      this.onpoint(context);
      if (context.alive) run();
    } catch (error) {
      this.uncaught(context, error);
    }
    drain();
    this.running = undefined;
  }

  /**
   * Ends a context, between two turns or in the middle of one.
   *
   * @param {Context} context
   * @param {string} why
   * @param {() => number} [vanishing] how many of the last things that it has sent over each pipe never arrive
   * @param {number} [late] by how many milliseconds what it has sent arrives later than its end may be noticed
   */
  end(context, why, vanishing, late = 0) {
    if (!context.alive) return;
    context.alive = false;
    context.suspended = undefined;
    this.contexts.delete(context);
    this.trace(`- ${context.name} ${why}`);
    if (vanishing) this.#vanish(context, vanishing);
    for (const flight of context.flying) flight.late = flight.vanished ? 0 : late;
    this.timers.end(context);
    this.ports.end(context);
    this.databases.end(context);
    this.locks.end(context);
    this.workers.end(context);
    this.serviceWorkers.end(context);
    for (const child of [...context.children]) this.end(child, 'with its owner', vanishing);
    context.parent?.children.delete(context);
    this.onend(context, why);
  }

  /**
   * @param {Context} context
   * @param {() => number} vanishing
   */
  #vanish({flying}, vanishing) {
    /** @type {Map<Pipe, Flight[]>} */
    const byPipe = new Map();
    for (const flight of flying) byPipe.set(flight.pipe, [...(byPipe.get(flight.pipe) ?? []), flight]);
    for (const flights of byPipe.values()) {
      for (const flight of flights.slice(Math.max(0, flights.length - vanishing()))) flight.vanished = true;
    }
  }

  /**
   * Evaluates a script of the network's, or an own one.
   *
   * @param {Context} context
   * @param {string} url
   * @param {string} [source]
   * @returns {any}
   */
  evaluate(context, url, source) {
    return this.modules.script(url, source).runInContext(context.global);
  }

  /**
   * What a realm may ask for. In a context that has ended, everything does nothing.
   *
   * @param {Context} context
   */
  #hostFor(context) {
    /** @param {Record<string, any>} api */
    const guard = (api) => {
      for (const [name, act] of Object.entries(api)) {
        api[name] = (/** @type {any[]} */ ...args) => {
          // Not before it runs.
          if (context.alive && context.global) this.onpoint(context);
          return context.alive ? act(...args) : undefined;
        };
      }
      return api;
    };
    /** @param {string} level */
    const say =
      (level) =>
      (/** @type {any[]} */ ...args) =>
        context.alive && this.trace(`${context.name} ${level}: ${args.map(String).join(' ')}`);
    const console = Object.fromEntries(['log', 'info', 'debug', 'warn', 'error'].map((level) => [level, say(level)]));
    const {kind, origin, url, workerName, realm, version} = context;
    return {
      ...{
        kind,
        origin,
        url,
        workerName,
        realm,
        version,
        context,
        parent: context.parent,
        constants,
        console,
        drain,
        web,
        profile: this.profile,
      },
      alive: () => context.alive,
      uncaught: (/** @type {any} */ error) => this.uncaught(context, error),
      clock: this.timers.clock(context),
      timers: guard(this.timers.api(context)),
      ports: guard(this.ports.api(context)),
      locks: guard(this.locks.api(context)),
      databases: guard(this.databases.api(context)),
      network: guard(this.network.api(context)),
      serviceWorkers: guard(this.serviceWorkers.api(context)),
      windows: guard(this.windows.api(context)),
      workers: guard(this.workers.api(context)),
    };
  }
}

/** @param {string} origin */
const siteOf = (origin) => new URL(origin).hostname.split('.').slice(-2).join('.');
