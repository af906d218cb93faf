/** What a life takes place in: an origin with services, others with pages and workers, and what can be done there. */
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {Finding} from './oracle.js';
import {ROOT} from './network.js';
import {topOf} from './windows.js';

/** @typedef {import('./world.js').Context} Context */
/** @typedef {import('./service-workers.js').Registration} Registration */

export const SERVICE = 'https://service.example.com';
export const CLIENT = 'https://client.example.com';
/** Of another site: what is embedded there has a storage partition of its own. */
export const STRANGER = 'https://stranger.test';

const APP = readFileSync(fileURLToPath(new URL('apps/end.js', import.meta.url)), 'utf8');

/** On what lives as long as a page. @param {Context} page */
const listenersOf = ({global, realm}) =>
  [global, global.document, global.navigator.serviceWorker].reduce(
    (sum, target) => sum + realm.countListeners(target),
    0,
  );

export class Town {
  hasBegun = false;
  #world;
  #oracle;
  #dist;
  #options;
  /** @type {Map<string, Context>} by name */
  #pages = new Map();
  /** @type {Map<string, {page: string, context?: Context}>} by name */
  #workers = new Map();
  /** @type {Map<string, Registration>} by name */
  #registrations = new Map();
  /** @type {Map<string, number>} */
  #versions = new Map();
  /** @type {WeakMap<Context, string>} */
  #owners = new WeakMap();
  /** Whether every window has one. */
  #hasRegistry;
  /** Ports that applications made, or were given. @type {WeakSet<object>} */
  #ofApplications = new WeakSet();
  /** How many listeners pages had when they were there. @type {Map<Context, number>} */
  #listeners = new Map();

  /**
   * @param {import('./world.js').World} world
   * @param {import('./oracle.js').Oracle} oracle
   * @param {string} dist
   * @param {Record<string, any>} options
   */
  constructor(
    world,
    oracle,
    dist,
    {services = ['a'], served = [], sleepers = [], registry = true, skips = true, headers = {}},
  ) {
    this.#world = world;
    this.#oracle = oracle;
    this.#dist = dist;
    this.#options = {services, served, sleepers, registry, skips, headers};
    world.serviceOrigin = SERVICE;
    if (!registry) oracle.relaxed++;
    oracle.hasRegistry = this.#hasRegistry = registry;
    oracle.isSleeper = (owner) => [...services, ...served, ...sleepers].includes(owner);
    oracle.lives = (owner) => this.#lives(owner);
    oracle.hasWindow = (owner) => {
      const origin = this.#originOf(owner);
      return [...this.#pages.values()].some((page) => page.alive && !page.cached && page.origin === origin);
    };
    oracle.isUpdating = (owner) => {
      const {installing, waiting} = this.#registrationOf(owner) ?? {};
      return Boolean(installing || waiting);
    };
    oracle.isSeen = (owner) => {
      const page = this.#workers.get(owner)?.page ?? owner;
      return [...world.contexts].some(
        (context) => context.role === 'bridge' && this.#owners.get(topOf(context)) !== page,
      );
    };
    world.oncreate = (context) => {
      const owner = this.#ownerOf(context);
      if (owner) this.#owners.set(context, owner);
      oracle.births.set(context.name, world.scheduler.now);
      if (context.role === 'registry') oracle.registrySince = world.scheduler.now;
      Object.assign(context.global, {
        context: context.name,
        mine: (/** @type {any} */ port) => this.#ofApplications.add(context.realm.coreOf(port)),
        report: (/** @type {[string, ...any[]]} */ ...said) => {
          if (!context.alive) return;
          world.onpoint(context);
          if (!context.alive) return;
          world.trace(`${context.name} says ${JSON.stringify(said)}`);
          oracle.said(this.#owners.get(context) ?? '', context.name, ...said);
        },
      });
    };
    world.onend = (context, why) => this.#ended(context, why);
    world.onretire = (context) => oracle.ended(this.#owners.get(context) ?? '', context.name, 'replaced');
  }

  /** @param {Context} context */
  #ownerOf({kind, version, url}) {
    if (kind === 'serviceworker') {
      for (const [name, registration] of this.#registrations) if (version?.registration === registration) return name;
      return /\/(\w+)\/sw\.js/.exec(url)?.[1];
    }
    return new URL(url).searchParams.get('owner') ?? undefined;
  }

  /** @param {string} owner */
  #lives(owner) {
    const page = this.#pages.get(owner);
    if (page) return page.alive && !page.cached;
    const worker = this.#workers.get(owner);
    if (worker) return this.#workerContext(owner)?.alive === true;
    return this.#registrationOf(owner) !== undefined;
  }

  /** @param {string} name of one that was registered, or that somebody had installed */
  #registrationOf(name) {
    const known = this.#registrations.get(name);
    if (known || !this.#options.served.includes(name)) return known;
    for (const {registrations} of this.#world.places.values()) {
      const found = registrations.find(({scope}) => scope === `${SERVICE}/${name}/`);
      if (found) return found;
    }
  }

  /** @param {string} name */
  #workerContext(name) {
    return [...this.#world.contexts].find((context) => this.#owners.get(context) === name);
  }

  /**
   * @param {Context} context
   * @param {string} why
   */
  #ended(context, why) {
    const owner = this.#owners.get(context);
    if (context.role === 'registry' && why !== 'has no clients') {
      // A window that had just connected to it waits so long before it connects anew.
      this.#oracle.disturb(7_000);
      this.#oracle.registrySince = Infinity;
      // Windows that don't know of its end are given it, and wait for it: until they give it up, nobody tells them.
      if (this.#world.profile.endedHandedOut) this.#oracle.relaxed++;
    }
    if (!owner) {
      // That of a page which has ended with it is no trouble of its own.
      if (context.role !== 'bridge' || topOf(context).alive) this.#oracle.disturb();
      return;
    }
    if (context.kind !== 'serviceworker') this.#oracle.gone(owner, why);
    // A shared worker's connections end with the window that made them; it may live a moment longer, and hear it.
    if (context.role === 'page')
      for (const [worker, {page}] of this.#workers) if (page === owner) this.#oracle.cut(worker);
    this.#oracle.ended(owner, context.name, why);
  }

  // What there is from the beginning.

  settleIn() {
    const {network} = this.#world;
    for (const origin of [SERVICE, CLIENT, STRANGER]) network.deploy(origin, this.#dist);
    network.serve(`${CLIENT}/worker.js`, `importScripts('${ROOT}navigator-connect.js');\n${APP}`);
    network.serve(`${SERVICE}/worker.js`, `importScripts('${ROOT}navigator-connect.js');\n${APP}`);
    const installable = [...this.#options.services, ...this.#options.served];
    for (const name of installable) this.#serve(SERVICE, name);
    for (const [name, headers] of Object.entries(this.#options.headers)) {
      network.serve(`${SERVICE}/${name}/`, '', {status: 404, headers});
    }
    for (const name of this.#options.sleepers) this.#serve(CLIENT, name);
    const listed = installable.filter((name) => !(name in this.#options.headers));
    const services = listed.map((name) => ({scope: `/${name}/`, script: `/${name}/sw.js`}));
    network.serve(`${SERVICE}${ROOT}services.json`, JSON.stringify({services}));
    for (const name of this.#options.services) this.#register(SERVICE, name);
    for (const name of this.#options.sleepers) this.#register(CLIENT, name);
    const areActive = () => [...this.#registrations.values()].every(({active}) => active?.state === 'activated');
    this.#until(areActive, 20_000, () => 'the service workers do not become active');
    this.hasBegun = true;
  }

  /**
   * @param {string} origin
   * @param {string} name
   */
  #serve(origin, name) {
    const version = (this.#versions.get(name) ?? 0) + 1;
    this.#versions.set(name, version);
    const head = `importScripts('${ROOT}navigator-connect.js'); self.skips = ${this.#options.skips};`;
    this.#world.network.serve(`${origin}/${name}/sw.js`, `${head} // version ${version}\n${APP}`);
  }

  /**
   * @param {string} origin
   * @param {string} name
   */
  #register(origin, name) {
    // Where pages of the client's origin see it.
    const place = this.#world.place(origin, CLIENT);
    this.#world.serviceWorkers.register(place, `${origin}/${name}/sw.js`, `${origin}/${name}/`, {
      resolve: (registration) => {
        const before = this.#registrations.get(name);
        if (before && before !== registration) this.#oracle.gone(name, 'replaced');
        this.#registrations.set(name, registration);
      },
      reject: (why) => this.#world.trace(`${name} is not registered: ${why}`),
    });
    const registration = place.registrations.find(({scope}) => scope === `${origin}/${name}/`);
    if (registration && !this.#registrations.has(name)) this.#registrations.set(name, registration);
  }

  /**
   * @param {() => boolean} condition
   * @param {number} within
   * @param {() => string} otherwise
   */
  #until(condition, within, otherwise) {
    const {scheduler} = this.#world;
    const end = scheduler.now + within;
    while (!condition()) {
      if (!scheduler.step(end)) throw new Finding(otherwise());
      this.#oracle.check();
    }
  }

  /** @param {number} time */
  #pass(time) {
    const {scheduler} = this.#world;
    const end = scheduler.now + time;
    while (scheduler.step(end)) this.#oracle.check();
    scheduler.now = Math.max(scheduler.now, end);
  }

  // Steps.

  /** Does something, if there is what it names. @param {import('./life.js').Step} step */
  take(step) {
    const act = /** @type {Record<string, (step: any) => void>} */ (this.#steps)[step.do];
    if (!act) throw new Error(`no step is called ${step.do}`);
    act(step);
  }

  /** @param {string} owner @param {any} command */
  #command(owner, command) {
    const registration = this.#registrationOf(owner);
    if (registration) {
      this.#world.serviceWorkers.fire(registration, 'push', command);
      return;
    }
    const context = this.#pages.get(owner) ?? this.#workerContext(owner);
    if (!context?.alive || (context.suspended && !context.thaws) || !context.global.command) return;
    this.#world.enter(context, `command ${command.do}`, () => context.global.command(command));
  }

  /** @param {string} name */
  #page(name) {
    const page = this.#pages.get(name);
    return page?.alive ? page : undefined;
  }

  /** @param {string} origin @param {string} name */
  #open(origin, name) {
    const script = `${origin}${ROOT}navigator-connect.js`;
    // As the client's pages see that origin; another site sees nothing of it.
    const place = this.#world.place(origin, origin === STRANGER ? STRANGER : CLIENT);
    const page = this.#world.windows.open(`${origin}/?owner=${name}`, [script], place);
    this.#world.enter(page, 'app', () => this.#world.evaluate(page, 'end.js', APP));
    this.#listeners.set(page, listenersOf(page));
    this.#pages.set(name, page);
    return page;
  }

  #steps = {
    wait: () => {},
    /** @param {{page: string, origin?: string}} step */
    open: ({page, origin = CLIENT}) => {
      const isThere = this.#world.network.answer(`${origin}${ROOT}navigator-connect.js`) !== undefined;
      if (!isThere || this.#pages.has(page)) return;
      // Service workers that waited for a window have one.
      const isAwaited = this.#oracle.undecided.some(({plan}) => this.#oracle.isSleeper(plan.by));
      if (isAwaited || this.#options.sleepers.length > 0) this.#oracle.disturb();
      this.#open(origin, page);
    },
    /** @param {{by: string, id: string, to?: string, how?: string, late?: number, native?: boolean, slow?: boolean, first?: boolean, installWorker?: boolean, abort?: number}} step */
    connect: ({by, id, to = 'a', how = 'accept', late = 0, native = false, slow, first, installWorker, abort}) => {
      if (this.#oracle.connections.has(id) || !this.#lives(by)) return;
      const query = new URLSearchParams({id, how, late: String(late), slow: slow ? '1' : '', first: first ? '1' : ''});
      const sameOrigin = this.#originOf(by) === SERVICE;
      this.#oracle.plan({id, by, to, how, native, late, sameOrigin, slow, abort});
      this.#command(by, {do: 'connect', id, target: `${SERVICE}/${to}/?${query}`, native, installWorker, abort});
    },
    /** @param {{by: string, id: string}} step */
    post: ({by, ...message}) => this.#command(by, {...message, do: 'post'}),
    /** @param {{by: string, id: string, as: string}} step a port that is no connection is given to the service to keep */
    stash: ({by, id, as}) => {
      const carrier = this.#oracle.connections.get(id);
      if (!carrier || carrier.state !== 'open' || this.#oracle.connections.has(as)) return;
      this.#oracle.plan({id: as, by, to: carrier.plan.to, how: 'stash', native: true, custody: true});
      this.#command(by, {do: 'post', id, stash: as});
    },
    /** @param {{by: string, id: string}} step */
    close: ({by, id}) => this.#command(by, {do: 'close', id}),
    /** @param {{page: string, words?: Record<string, number>}} step */
    leave: ({page, words}) => this.#page(page) && this.#leave(page, false, words),
    /** @param {{page: string, vanish?: number, late?: number}} step */
    crash: ({page, vanish = 0, late}) => {
      const context = this.#page(page);
      if (context)
        this.#world.end(
          context,
          vanish ? 'crashed, and its last words' : 'crashed',
          vanish ? () => this.#world.random.integer(0, vanish) : undefined,
          late,
        );
    },
    /** @param {{page: string, words?: Record<string, number>}} step */
    cache: ({page, words}) => this.#page(page) && !this.#page(page)?.cached && this.#leave(page, true, words),
    /** @param {{page: string}} step */
    show: ({page}) => {
      const context = this.#page(page);
      if (!context?.cached) return;
      this.#oracle.disturb();
      this.#oracle.shown(page);
      this.#world.windows.show(context);
    },
    /** @param {{page: string}} step */
    freeze: ({page}) => {
      const context = this.#page(page);
      if (!context || context.suspended) return;
      this.#oracle.relaxed++;
      this.#world.windows.freeze(context);
    },
    /** @param {{page: string}} step */
    resume: ({page}) => {
      const context = this.#page(page);
      if (!context?.suspended || context.cached) return;
      this.#oracle.disturb();
      this.#world.windows.resume(context);
    },
    /** @param {{page: string, hidden: boolean}} step */
    hide: ({page, hidden}) => {
      const context = this.#page(page);
      if (!context || context.suspended) return;
      if (hidden) this.#oracle.relaxed++;
      this.#world.windows.hide(context, hidden);
    },
    /** @param {{page: string}} step */
    replace: ({page}) => {
      const context = this.#page(page);
      if (!context || context.suspended) return;
      this.#cut(page);
      this.#world.windows.replaceDocument(context);
      this.#oracle.disturb();
    },
    /** The processes of its bridges crash. @param {{page: string}} step */
    crashBridges: ({page}) => {
      const context = this.#page(page);
      if (!context || context.suspended) return;
      this.#cut(page, true);
      for (const frame of this.#world.windows.framesOf(context)) this.#world.end(frame, 'crashed');
      this.#oracle.disturb();
    },
    /** @param {{page: string, name: string, shared?: boolean}} step */
    worker: ({page, name, shared = false}) => {
      const context = this.#page(page);
      if (!context || context.suspended || this.#workers.has(name)) return;
      this.#workers.set(name, {page});
      const source = shared ? `new SharedWorker('/worker.js?owner=${name}')` : `new Worker('/worker.js?owner=${name}')`;
      const text = `(globalThis.workers ??= {})['${name}'] = ${source};${shared ? `workers['${name}'].port.start();` : ''}`;
      this.#world.enter(context, `worker ${name}`, () => this.#world.evaluate(context, 'worker', text));
    },
    /** @param {{name: string}} step */
    terminate: ({name}) => {
      const context = this.#workerContext(name);
      if (context && this.#workers.has(name)) this.#world.end(context, 'terminated');
    },
    /** @param {{worker: string, vanish?: number, late?: number}} step */
    kill: ({worker, vanish = 0, late}) => {
      const version = this.#registrationOf(worker)?.active;
      if (version)
        this.#world.serviceWorkers.stop(
          version,
          'killed',
          vanish ? () => this.#world.random.integer(0, vanish) : undefined,
          late,
        );
    },
    /** @param {{worker: string}} step */
    push: ({worker}) => this.#command(worker, {do: 'match'}),
    /** @param {{worker: string}} step */
    update: ({worker}) => {
      const registration = this.#registrations.get(worker);
      if (!registration) return;
      this.#oracle.disturb();
      const origin = registration.place.origin;
      this.#serve(origin, worker);
      this.#register(origin, worker);
    },
    /** @param {{worker: string}} step */
    unregister: ({worker}) => {
      const registration = this.#registrations.get(worker);
      if (!registration) return;
      this.#oracle.gone(worker, 'unregistered');
      this.#oracle.disturb();
      this.#registrations.delete(worker);
      this.#world.serviceWorkers.unregister(registration);
    },
    /** All that the services' origin has stored is cleared, and its registrations. */
    clear: () => {
      for (const worker of this.#options.services) this.take({do: 'unregister', worker});
      this.#world.databases.clear(this.#world.place(SERVICE, CLIENT));
    },
    /** @param {{how?: 'kill' | 'panic'}} step */
    registry: ({how = 'kill'}) => {
      for (const context of [...this.#world.contexts].filter(({role}) => role === 'registry')) {
        if (how === 'panic') this.#world.go.panic(context);
        else this.#world.end(context, 'ended');
      }
      if (how === 'panic') this.#oracle.registrySince = this.#world.scheduler.now;
      this.#oracle.disturb();
    },
    /** A worker has something else to do for a while. @param {{worker: string, time: number}} step */
    busy: ({worker, time}) => {
      const {scheduler, windows} = this.#world;
      const context = this.#registrationOf(worker)?.active?.context;
      if (!context || context.suspended) return;
      this.#oracle.disturb();
      windows.freeze(context);
      scheduler.after(time, () => {
        if (!context.alive) return;
        this.#oracle.disturb();
        windows.resume(context);
      });
    },
    /**
     * Something that must be by now, though no bound on time says so.
     *
     * @param {{what: 'answered' | 'confirmed' | 'told' | 'registry' | 'updated'}} step
     */
    expect: ({what}) => {
      const isUpdating = () => [...this.#registrations.keys()].find((name) => this.#oracle.isUpdating(name));
      const isThere = () => [...this.#world.contexts].some(({role}) => role === 'registry');
      const why = {
        answered: () => this.#oracle.missing(),
        told: () => this.#oracle.unheard(),
        // As owners that had to `push` said a moment ago.
        confirmed: () =>
          [...this.#oracle.unconfirmed]
            .map(([owner, ids]) => ids.length > 0 && `${owner} waits for a confirmation (${ids})`)
            .find(Boolean),
        registry: () => !isThere() && 'there is no registry',
        updated: () => isUpdating() && `${isUpdating()} is not updated`,
      }[what]();
      if (why) throw new Finding(`by now: ${why}`);
    },
    /** Nothing comes from the registry, and nothing gets there. @param {{time: number}} step */
    silence: ({time}) => {
      const {scheduler, windows} = this.#world;
      this.#oracle.relaxed++;
      for (const context of [...this.#world.contexts].filter(({role}) => role === 'registry')) {
        windows.freeze(context);
        scheduler.after(time, () => context.alive && windows.resume(context));
      }
      this.#oracle.disturb();
    },
    /** A deployment of the service's with files left out, or in order again. @param {{without?: string[], untyped?: boolean, services?: string}} step */
    deploy: ({without = [], untyped, services}) => {
      this.#oracle.disturb();
      this.#oracle.relaxed++;
      if (without.some((name) => /registry/.test(name))) this.#oracle.hasRegistry = this.#hasRegistry = false;
      this.#world.network.deploy(SERVICE, this.#dist, without, untyped ? {} : undefined);
      if (services) this.#world.network.serve(`${SERVICE}${ROOT}services.json`, services);
    },
    /** @param {{down?: boolean, slow?: number}} step */
    network: ({down = false, slow = 0}) => {
      this.#oracle.disturb();
      if (down || slow) this.#oracle.relaxed++;
      // A window whose registry did not load has none as long as it lives.
      if (down) this.#oracle.hasRegistry = this.#hasRegistry = false;
      this.#world.network.disturb(SERVICE, {down, slow});
    },
    /** @param {{slow?: number, full?: boolean, failing?: boolean, blocked?: boolean}} step */
    database: ({slow = 0, full = false, failing = false, blocked = false}) => {
      this.#oracle.disturb();
      if (slow || full || failing || blocked) this.#oracle.relaxed++;
      if (full || failing || blocked || slow > 20) this.#oracle.forgetful = true;
      // What is lost with nothing there is nothing.
      else if (this.#oracle.connections.size === 0) this.#oracle.forgetful = false;
      for (const origin of [SERVICE, CLIENT]) {
        this.#world.databases.disturb(this.#world.place(origin, CLIENT), {slow, full, failing, blocked});
      }
    },
  };

  /** @param {string} name */
  #originOf(name) {
    const worker = this.#workers.get(name);
    if (worker) return this.#pages.get(worker.page)?.origin;
    return this.#pages.get(name)?.origin ?? this.#registrations.get(name)?.place.origin;
  }

  /**
   * @param {string} name
   * @param {boolean} cached
   * @param {Record<string, number>} [words] how many messages it posts on each port meanwhile, by event
   */
  #leave(name, cached, words) {
    const page = /** @type {Context} */ (this.#page(name));
    if (words) this.#command(name, {do: 'leave', words});
    this.#oracle.gone(name, cached ? 'cached' : 'left');
    for (const [worker, {page: owner}] of this.#workers) if (owner === name) this.#cut(worker);
    this.#world.windows.leave(page, cached);
    this.#oracle.disturb();
  }

  /**
   * What goes over the bridges of a page is cut off.
   *
   * @param {string} name
   * @param {boolean} [silently] they say nothing of it
   */
  #cut(name, silently) {
    if (this.#originOf(name) === SERVICE) return;
    this.#oracle.cut(name, silently);
    for (const [worker, {page}] of this.#workers) if (page === name) this.#oracle.cut(worker, silently);
  }

  /**
   * A fault hits a context in the middle of something.
   *
   * @param {Context} context
   * @param {string} what
   * @param {(() => number) | undefined} vanishing
   * @param {number} [late]
   */
  hit(context, what, vanishing, late) {
    if (what === 'registry') this.take({do: 'registry'});
    else if (context.role === 'service' || context.role === 'sleeper') {
      if (context.version?.state === 'activated') this.#world.end(context, 'killed', vanishing, late);
    } else if (context.role !== 'bridge') this.#world.end(context, 'crashed in its turn', vanishing, late);
  }

  // The end of a life.

  /** Heals everything, and lets things become quiet; then all must be as it should. */
  settle() {
    const world = this.#world;
    const oracle = this.#oracle;
    const overdue = oracle.overdue();
    if (overdue) throw new Finding(overdue);
    world.trace('* calm');
    world.network.disturb(SERVICE, {down: false, slow: 0});
    this.take({do: 'database'});
    for (const [name, page] of this.#pages) {
      if (!page.alive || page.cached) continue;
      this.take({do: 'resume', page: name});
      world.windows.hide(page, false);
    }
    // Somebody has to be there who can tell the others.
    this.#open(SERVICE, 'inspector');
    this.#open(CLIENT, 'visitor');
    for (const [name] of this.#registrations) this.#command(name, {do: 'match'});
    this.#pass(1_000);
    this.#until(
      () => oracle.undecided.length === 0,
      300_000,
      () => `${oracle.undecided[0].plan.id} is never decided`,
    );
    // Without a registry, a service that was stopped meanwhile reaches its client when that has something to say.
    if (!this.#hasRegistry)
      for (const {plan} of oracle.open) this.#command(plan.by, {do: 'post', id: plan.id, answers: 1});
    this.#until(
      () => !oracle.missing(),
      200_000,
      () => oracle.missing(),
    );
    for (const [name] of this.#registrations) this.#command(name, {do: 'match'});
    this.#until(
      () => !oracle.unheard(),
      200_000,
      () => oracle.unheard(),
    );
    const unsaid = oracle.lastWords();
    if (unsaid) throw new Finding(unsaid);
    this.#pass(60_000);
    oracle.relaxed = this.#hasRegistry && !oracle.forgetful ? 0 : 1;
    this.#probe();
    this.#compare();
    this.#closeAll();
  }

  /** Every connection works, also right after a stop. */
  #probe() {
    const oracle = this.#oracle;
    for (const again of [false, true]) {
      if (again) for (const name of this.#options.services) this.take({do: 'kill', worker: name});
      oracle.disturb();
      const begun = this.#world.scheduler.now;
      for (const {plan} of oracle.open) this.#command(plan.by, {do: 'post', id: plan.id, answers: 1});
      this.#until(
        () => !oracle.missing(),
        oracle.relaxed ? 200_000 : 60_000,
        () => oracle.missing(),
      );
      const took = this.#world.scheduler.now - begun;
      if (took > 2_000 && !oracle.relaxed)
        throw new Finding(`everybody had answered ${took.toFixed()} ms after ${again ? 'a stop' : 'quiet'}`);
    }
    this.#pass(2_000);
  }

  /** What applications and the registry say is true. */
  #compare() {
    const oracle = this.#oracle;
    const world = this.#world;
    oracle.matches.clear();
    const owners = [...this.#registrations.keys(), ...this.#pages.keys(), ...this.#workers.keys()].filter((owner) =>
      this.#lives(owner),
    );
    for (const owner of owners) this.#command(owner, {do: 'match'});
    this.#pass(1_000);
    for (const owner of owners) {
      const isOpen = (/** @type {string} */ id) => {
        const connection = /** @type {any} */ (oracle.connections.get(id));
        if (oracle.isOrphaned(id) || connection.isAnew) return false;
        return connection.over ? !oracle.isUntold(connection) : connection.state !== 'adrift';
      };
      const said = oracle.matches.get(owner)?.filter(isOpen);
      const expected = oracle.portsOf(owner);
      if (oracle.forgetful) continue;
      if (String(said) !== String(expected))
        throw new Finding(`${owner} has the ports ${said}, and they should be ${expected}`);
      // Everything has come, and so its confirmation.
      const waiting = oracle.unconfirmed.get(owner)?.find((id) => expected.includes(id));
      if (waiting) throw new Finding(`${owner} waits for a confirmation (${waiting})`);
    }
    for (const {plan} of oracle.adrift) {
      const has = (/** @type {string} */ owner) => oracle.matches.get(owner)?.includes(plan.id) ?? false;
      const isSeen = !plan.native && !/native|stash/.test(plan.how) && this.#lives(plan.by) && this.#lives(plan.to);
      if (isSeen && has(plan.by) !== has(plan.to)) throw new Finding(`${plan.id} is there at one end only`);
    }
    // Nobody starts a registry to ask whether it knows of nothing.
    const isThere = [...world.contexts].some(({role}) => role === 'registry');
    if (!isThere || !this.#hasRegistry || oracle.forgetful) return;
    const open = oracle.open.filter(({plan}) => !plan.custody && this.#originOf(plan.by) !== STRANGER).length;
    let count = this.#countOfRegistry();
    // A window that has just come to it, over a slow network, tells of its own some seconds later.
    for (let i = 0; i < 3 && count < open; i++) {
      this.#pass(10_000);
      count = this.#countOfRegistry();
    }
    if (count < open || count > open + oracle.adrift.length)
      throw new Finding(`the registry has ${count} connections, and there are ${open}`);
  }

  /** @returns {number} of its connections */
  #countOfRegistry() {
    const world = this.#world;
    const inspector = /** @type {Context} */ (this.#pages.get('inspector'));
    /** @type {any} */
    let snapshot;
    inspector.global.take = (/** @type {any} */ found) => (snapshot = found);
    const source = `import('${SERVICE}${ROOT}bridge.mjs').then(({snapshot}) => snapshot()).then(take)`;
    world.enter(inspector, 'snapshot', () => world.evaluate(inspector, 'snapshot', source));
    // A window is handed each registry that has ended before, and gives each time for an answer.
    this.#until(
      () => snapshot,
      60_000,
      () => 'the registry does not answer',
    );
    return snapshot.connections.length;
  }

  /** All is closed, and nothing of it is left. */
  #closeAll() {
    const oracle = this.#oracle;
    const world = this.#world;
    const unheard = [...oracle.connections.values()].filter(
      (connection) => connection.over && oracle.isUntold(connection),
    );
    for (const {plan} of [...oracle.adrift, ...unheard]) this.#command(plan.by, {do: 'close', id: plan.id});
    for (const {plan} of oracle.open) {
      // A service whose storage failed may have forgotten it.
      const isAnew = oracle.connections.get(plan.id)?.isAnew;
      const byClient = world.random.chance(0.7) || isAnew || oracle.forgetful;
      this.#command(byClient ? plan.by : plan.to, {do: 'close', id: plan.id});
      this.#pass(world.random.between(0, 20));
    }
    this.#until(
      () => oracle.open.length === 0 || oracle.open.every(({plan}) => /stash|native/.test(plan.how)),
      30_000,
      () => `${oracle.open[0].plan.id} can't be closed`,
    );
    for (const {plan} of oracle.open) this.#command(plan.by, {do: 'close', id: plan.id});
    this.#until(
      () => !oracle.unheard(),
      60_000,
      () => oracle.unheard(),
    );
    this.#pass(100_000);
    this.#checkLeft();
    for (const page of this.#pages.values()) if (page.alive) world.windows.leave(page);
    this.#pass(400_000);
    for (const place of world.places.values()) {
      const left = {locks: place.locks.size, channels: place.channels.size, shared: place.shared.size};
      if (Object.values(left).some(Boolean))
        throw new Finding(`when all have left, ${place.key} has ${JSON.stringify(left)}`);
    }
  }

  /** Pages whose connections have ended have nothing of ours any more; databases neither. */
  #checkLeft() {
    for (const [name, page] of this.#pages) {
      if (!page.alive || page.cached || page.origin === SERVICE) continue;
      // Who was not told of an end still tries.
      if (this.#oracle.of(name).some((connection) => connection.over && this.#oracle.isUntold(connection))) continue;
      const frames = page.realm.frames.size;
      // Over one whose other end is closed nothing comes any more, and it is garbage.
      const isOurs = (/** @type {any} */ port) => !this.#ofApplications.has(port);
      const ports = [...page.ports].filter((port) => !port.peer.closed && isOurs(port) && isOurs(port.peer)).length;
      // A window that has been asked to be a courier is one for as long as the worker, or its registration, lives.
      const isCourier = [...this.#workers.values()].some(({page}) => page === name);
      const kept = isCourier || this.#oracle.haveSleepersConnected ? 0 : ports;
      if (page.timers.size + frames + kept > 0)
        throw new Finding(`${name} has ${page.timers.size} timers, ${frames} frames and ${ports} ports left`);
      const listeners = listenersOf(page) - (this.#listeners.get(page) ?? 0);
      if (listeners > 0) throw new Finding(`${name} has ${listeners} listeners left`);
    }
    if (this.#oracle.forgetful) return;
    for (const place of this.#world.places.values()) {
      for (const database of place.databases.values()) {
        // Of a port that was closed, and whose worker was killed before it had removed the record, nobody is left who
        // could tell that the other end is gone: a service worker, or whoever lived when the registration had gone. Nor
        // is anybody when the client has gone with all windows, and the registration then.
        const isTold = (/** @type {any} */ {closing, client, scope, targetURL}) => {
          if (targetURL && this.#oracle.isOrphaned(new URL(targetURL).searchParams.get('id') ?? '')) return false;
          const isRegistered = place.registrations.some((registration) => registration.scope === scope);
          if (closing) return client !== '' && isRegistered;
          // Of a port in custody nobody knows whether its other end was closed.
          if (targetURL === '') return false;
          return isRegistered || [...place.locks.keys()].some((name) => name.endsWith(client));
        };
        const records = database.records().filter(isTold);
        if (records.length > 0 && !database.stuck)
          throw new Finding(
            `${place.key} keeps ${records.length} records: ${JSON.stringify(records[0]).slice(0, 200)}`,
          );
      }
    }
  }
}
