/**
 * Service workers: registrations with their versions, which are installed, wait, take over, are started by events and
 * stopped when idle; and `clients`. After https://w3c.github.io/ServiceWorker/, as far as scripts can tell.
 */
import {describe} from './ports.js';

/** @typedef {import('./world.js').Context} Context */
/** @typedef {import('./world.js').Place} Place */
/** @typedef {{label: string, fire: (context: Context) => void, lifecycle: boolean, early?: boolean}} Dispatch */
/** @typedef {'parsed' | 'installing' | 'installed' | 'activating' | 'activated' | 'redundant'} State */

/** A service worker, over all its starts. */
export class Version {
  /** @type {State} */
  state = 'parsed';
  /** @type {Context | undefined} the start that runs */
  context;
  starting = false;
  starts = 0;
  /** Events that are to be dispatched. @type {Dispatch[]} */
  queue = [];
  busy = false;
  /** Extensions of the events' lifetimes that are pending. */
  pending = 0;
  /** Events dispatched so far. */
  events = 0;
  skips = false;
  /** It refused to be installed. */
  refuses = false;
  /** Its scripts, by URL. @type {Map<string, string>} */
  scripts = new Map();
  /** @type {{cancel(): void} | undefined} */
  idle;
  /** What is done once the event before has been handled. @type {(() => void) | undefined} */
  onquiet;

  /**
   * @param {Registration} registration
   * @param {string} url
   * @param {import('./world.js').Pipe} pipe
   * @param {import('./scheduler.js').Lane} lane
   * @param {number} number
   */
  constructor(registration, url, pipe, lane, number) {
    this.registration = registration;
    this.url = url;
    this.pipe = pipe;
    this.lane = lane;
    this.number = number;
  }
}

export class Registration {
  /** @type {Version | null} */
  installing = null;
  /** @type {Version | null} */
  waiting = null;
  /** @type {Version | null} */
  active = null;
  /** Its jobs come one after the other. @type {Array<() => void>} */
  jobs = [];
  /** @type {Set<Context>} */
  controlled = new Set();

  /**
   * @param {Place} place
   * @param {string} scope
   */
  constructor(place, scope) {
    this.place = place;
    this.scope = scope;
  }

  get newest() {
    return this.installing ?? this.waiting ?? this.active;
  }

  get versions() {
    return [this.installing, this.waiting, this.active].filter((version) => version !== null);
  }
}

export class ServiceWorkers {
  #world;
  #versions = 0;
  /** Those that were unregistered, and still control a page. @type {Set<Registration>} */
  #leaving = new Set();
  /** When a worker was stopped last. */
  #stopped = -Infinity;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  // Jobs.

  /**
   * @param {Place} place
   * @param {string} script
   * @param {string} scope
   * @param {{resolve: (registration: Registration) => void, reject: (why: string) => void}} promise
   * @param {boolean} [updates] also if the script is known; so it does for browsers, and for no page that registers it
   */
  register(place, script, scope, promise, updates = true) {
    let registration = place.registrations.find((registration) => registration.scope === scope);
    if (!registration) place.registrations.push((registration = new Registration(place, scope)));
    const found = registration;
    this.#queue(registration, (done) => {
      if (updates || found.newest?.url !== script) {
        this.#update(found, script, promise, done);
      } else {
        promise.resolve(found);
        done();
      }
    });
  }

  /**
   * @param {Registration} registration
   * @param {(done: () => void) => void} job
   */
  #queue({jobs}, job) {
    const next = () => {
      jobs.shift();
      jobs[0]?.();
    };
    jobs.push(() => job(next));
    if (jobs.length === 1) jobs[0]();
  }

  /**
   * @param {Registration} registration
   * @param {string} script
   * @param {Parameters<ServiceWorkers['register']>[3]} promise
   * @param {() => void} done
   */
  #update(registration, script, {resolve, reject}, done) {
    const {network} = this.#world;
    const fail = (/** @type {string} */ why) => {
      this.#tidy(registration);
      reject(why);
      done();
    };
    network.get(script, (answer) => {
      if (answer?.status !== 200) {
        fail(`${script} did not load`);
        return;
      }
      const {newest} = registration;
      const isSame = (/** @type {[string, string]} */ [url, text]) =>
        (url === script ? answer.body : network.answer(url)?.body) === text;
      if (newest?.url === script && [...newest.scripts].every(isSame)) {
        resolve(registration);
        done();
        return;
      }
      const pipe = this.#world.pipe();
      const version = new Version(registration, script, pipe, this.#world.scheduler.lane(), ++this.#versions);
      version.scripts.set(script, answer.body);
      this.#start(version, (error) => {
        if (error) {
          this.#redundant(version);
          fail(`${script}: ${error}`);
        } else {
          registration.installing = version;
          version.state = 'installing';
          resolve(registration);
          this.#install(version, done);
        }
      });
    });
  }

  /**
   * @param {Version} version
   * @param {() => void} done
   */
  #install(version, done) {
    const {registration} = version;
    this.#become(version, 'installing');
    this.#dispatch(version, 'install', true);
    version.onquiet = () => {
      version.onquiet = undefined;
      if (version.refuses) {
        this.#redundant(version);
        this.#tidy(registration);
      } else if (version.state === 'installing') {
        registration.installing = null;
        if (registration.waiting) this.#redundant(registration.waiting);
        registration.waiting = version;
        this.#become(version, 'installed');
        const {scheduler, random} = this.#world;
        // Sometimes at once.
        scheduler.after(random.of([0, random.between(0, 10)]), () => this.#tryActivate(registration));
      }
      done();
    };
  }

  /** Takes the registration away that has no worker. @param {Registration} registration */
  #tidy(registration) {
    if (registration.versions.length > 0) return;
    const {registrations} = registration.place;
    if (registrations.includes(registration)) registrations.splice(registrations.indexOf(registration), 1);
  }

  /**
   * @param {Version} version
   * @param {State} state
   */
  #become(version, state) {
    version.state = state;
    this.#notify(version);
  }

  /** Tells every context that has an object of it. @param {Version} version */
  #notify(version) {
    for (const context of this.#world.contexts) {
      if (context.place !== version.registration.place) continue;
      const {state} = version;
      const view = this.#view(version.registration);
      const learn = () => context.realm.learn(version, state, view);
      context.lane.push(() => {
        if (!context.realm.knows?.(version)) return;
        this.#world.enter(context, `worker ${version.number} ${state}`, learn);
      });
    }
  }

  /** What there is of it now, and in which state. @param {Registration} registration */
  #view({installing, waiting, active}) {
    const of = (/** @type {Version | null} */ version) => version && {version, state: version.state};
    return {installing: of(installing), waiting: of(waiting), active: of(active)};
  }

  /** @param {Version} version */
  #redundant(version) {
    const {registration} = version;
    for (const place of /** @type {const} */ (['installing', 'waiting', 'active'])) {
      if (registration[place] === version) registration[place] = null;
    }
    version.queue = [];
    version.idle?.cancel();
    this.#become(version, 'redundant');
    const {context, onquiet} = version;
    version.onquiet = undefined;
    if (context) this.#world.end(context, 'redundant');
    onquiet?.();
  }

  // A new version takes over.

  /** @param {Registration} registration */
  #tryActivate(registration) {
    const {active, waiting} = registration;
    if (!waiting) return;
    if (!active) {
      this.#activate(registration);
      return;
    }
    const isFree = () => {
      for (const context of registration.controlled) if (!context.alive) registration.controlled.delete(context);
      const isQuiet = active.pending === 0 && active.queue.length === 0 && !active.busy && !active.starting;
      return isQuiet && (waiting.skips || registration.controlled.size === 0);
    };
    if (!isFree()) return;
    const {events} = active;
    this.#world.scheduler.after(this.#world.random.between(0, 30), () => {
      // Another event has put it off.
      const isStill = registration.active === active && registration.waiting === waiting && active.events === events;
      if (isStill && isFree()) this.#activate(registration);
    });
  }

  /** @param {Registration} registration */
  #activate(registration) {
    const {active, waiting} = registration;
    if (!waiting) return;
    if (active) this.#replace(active);
    registration.waiting = null;
    registration.active = waiting;
    this.#become(waiting, 'activating');
    this.#dispatch(waiting, 'activate', true);
    waiting.onquiet = () => {
      waiting.onquiet = undefined;
      if (waiting.state !== 'activating') return;
      this.#become(waiting, 'activated');
      this.#pump(waiting);
    };
  }

  /** @param {Version} version */
  #replace(version) {
    const {context} = version;
    const {scheduler, random, profile} = this.#world;
    if (context && profile.replacedLivesOn) {
      version.context = undefined;
      this.#world.onretire(context);
      scheduler.after(random.between(0, 200), () => this.#world.end(context, 'replaced'));
    }
    this.#redundant(version);
  }

  // Events.

  /**
   * @param {Version} version
   * @param {string} type
   * @param {boolean} [lifecycle]
   * @param {any} [data]
   */
  #dispatch(version, type, lifecycle = false, data = undefined) {
    const {state} = version;
    const view = this.#view(version.registration);
    const fire = (/** @type {Context} */ {realm}) => {
      // By then it knows what it is; in Firefox, sometimes a moment later.
      const {profile, random} = this.#world;
      if (lifecycle && !(profile.knowsItselfLate && random.chance(0.3))) realm.learn(version, state, view);
      realm.fireExtendable(type, data);
    };
    version.queue.push({label: `event ${type}`, lifecycle, fire});
    this.#pump(version);
  }

  /**
   * A push, a fetch: what the browser dispatches at the active worker.
   *
   * @param {Registration} registration
   * @param {string} type
   * @param {any} [data]
   */
  fire({active}, type, data) {
    if (!active) return;
    active.pipe.lane.push(() => active.state !== 'redundant' && this.#dispatch(active, type, false, data));
  }

  /**
   * @param {Context} context who posts
   * @param {Version} version
   * @param {any} message
   * @param {any[]} transfer
   */
  post(context, version, message, transfer) {
    const envelope = this.#world.ports.serialize(context, message, transfer);
    version.pipe.send(context, () => {
      if (version.state === 'redundant') return;
      version.queue.push({
        label: `message ${describe(envelope)}`,
        lifecycle: false,
        early: true,
        fire: ({realm}) => realm.receive(envelope, context.origin, context.version ?? this.#known(context)),
      });
      this.#pump(version);
    });
  }

  /** What a service worker may know of a client. @param {Context} client */
  #known(client) {
    return {core: client, id: client.name, url: client.url, type: client.kind};
  }

  /** Dispatches what waits, one turn for each, and starts the worker for it. @param {Version} version */
  #pump(version) {
    const next = version.queue[0];
    if (!next || version.busy || version.starting || version.state === 'redundant') return;
    if (!next.lifecycle && version.state !== 'activated') {
      // A lifecycle event goes before all that came while the version waited; messages wait for nothing else.
      const i = version.queue.findIndex(({lifecycle}) => lifecycle);
      if (i < 0 && !next.early) return;
      if (i > 0) version.queue.unshift(...version.queue.splice(i, 1));
    }
    if (!version.context) {
      this.#start(version, () => this.#pump(version));
      return;
    }
    version.busy = true;
    version.lane.push(() => {
      version.busy = false;
      const {context} = version;
      const event = version.queue[0];
      if (!event) return;
      if (context) {
        version.queue.shift();
        version.events++;
        this.#world.enter(context, event.label, () => event.fire(context));
        this.#settle(version);
      }
      this.#pump(version);
    });
  }

  /** An event has been handled, or an extension is over. @param {Version} version */
  #settle(version) {
    const {context, registration} = version;
    version.idle?.cancel();
    if (version.pending > 0 || version.state === 'redundant') return;
    version.onquiet?.();
    if (registration.active === version) this.#tryActivate(registration);
    if (!context) return;
    const {scheduler, profile} = this.#world;
    version.idle = scheduler.after(profile.idle, () => {
      const hasWindow = [...this.#world.contexts].some(({kind, place}) => kind === 'window' && place === context.place);
      if (profile.keptByWindows && hasWindow) this.#settle(version);
      else this.stop(version, 'idle');
    });
  }

  /**
   * @param {Version} version
   * @param {(error?: string) => void} done
   */
  #start(version, done) {
    const world = this.#world;
    version.starting = true;
    world.scheduler.after(world.random.between(2, 40), () => {
      version.starting = false;
      if (version.state === 'redundant') return;
      version.starts++;
      version.pending = 0;
      const {registration, url} = version;
      const role = registration.place.origin === world.serviceOrigin ? 'service' : 'sleeper';
      const context = world.create('serviceworker', registration.place, url, role, {version});
      version.context = context;
      let error = '';
      world.enter(context, `start ${version.number}`, () => {
        try {
          world.evaluate(context, url, version.scripts.get(url));
        } catch (thrown) {
          error = String(thrown);
        }
      });
      if (error && context.alive) {
        world.trace(`${context.name} does not run: ${error}`);
        version.queue = [];
        this.stop(version, 'failed');
      }
      done(error || (context.alive ? undefined : 'it has ended'));
    });
  }

  /**
   * @param {Version} version
   * @param {string} why
   * @param {() => number} [vanishing]
   * @param {number} [late]
   */
  stop(version, why, vanishing, late) {
    if (version.context) this.#world.end(version.context, why, vanishing, late);
  }

  /** Has a new window controlled by the worker of its URL. @param {Context} window */
  control(window) {
    const fitting = window.place.registrations.filter(({scope, active}) => active && window.url.startsWith(scope));
    fitting.sort((a, b) => b.scope.length - a.scope.length)[0]?.controlled.add(window);
  }

  /** @param {Context} context */
  #controllerOf(context) {
    // Also of one that is being unregistered.
    return [...context.place.registrations, ...this.#leaving].find(({controlled}) => controlled.has(context));
  }

  /** @param {Context} context that has ended, however */
  end(context) {
    const {version} = context;
    const controller = this.#controllerOf(context);
    controller?.controlled.delete(context);
    if (controller && this.#leaving.has(controller)) {
      if (controller.controlled.size === 0) this.#clear(controller);
    } else if (controller) {
      this.#tryActivate(controller);
    }
    if (version?.context !== context) return;
    this.#stopped = this.#world.scheduler.now;
    version.context = undefined;
    version.pending = 0;
    version.idle?.cancel();
    if (version.state === 'redundant') return;
    // Who is ended while it is being installed never will be.
    if (version.state === 'parsed' || version.state === 'installing') this.#redundant(version);
    else {
      version.onquiet?.();
      if (version.registration.active === version) this.#tryActivate(version.registration);
      this.#pump(version);
    }
    this.#tidy(version.registration);
  }

  // Removal.

  /** @param {Registration} registration */
  unregister(registration) {
    const {registrations} = registration.place;
    if (!registrations.includes(registration)) return;
    registrations.splice(registrations.indexOf(registration), 1);
    if (registration.controlled.size > 0) this.#leaving.add(registration);
    else this.#clear(registration);
  }

  /** Ends what an unregistered registration still has. @param {Registration} registration */
  #clear(registration) {
    const {scheduler, random, profile} = this.#world;
    this.#leaving.delete(registration);
    for (const version of registration.versions) {
      const remove = () => this.#redundant(version);
      // Most often soon.
      const late = random.between(0, random.of([10, 1_000]));
      if (profile.unregisteredLivesOn && version.context) scheduler.after(late, remove);
      else remove();
    }
  }

  /** @param {Context} context */
  api(context) {
    const world = this.#world;
    const {place, version} = context;
    const {scheduler, random, profile} = world;
    const soon = (/** @type {string} */ label, /** @type {() => void} */ run) =>
      context.lane.push(() => world.enter(context, label, run));
    return {
      list: (/** @type {(list: any[]) => void} */ take) => {
        const late = scheduler.now - this.#stopped < profile.lateListing ? random.between(0, profile.lateListing) : 0;
        scheduler.after(late, () => {
          const list = place.registrations.map((registration) => [registration, this.#view(registration)]);
          soon('registrations', () => take(list));
        });
      },
      view: (/** @type {Registration} */ registration) => this.#view(registration),
      /** @type {(script: string, scope: string, resolve: (registration: Registration, view: any) => void, reject: (why: string) => void) => void} */
      register: (script, scope, resolve, reject) => {
        const promise = {
          resolve: (/** @type {Registration} */ registration) => {
            const view = this.#view(registration);
            soon('registered', () => resolve(registration, view));
          },
          reject: (/** @type {string} */ why) => soon('not registered', () => reject(why)),
        };
        this.register(place, script, scope, promise, false);
      },
      /** @type {(registration: Registration, resolve: (view: any) => void, reject: (why: string) => void) => void} */
      update: (registration, resolve, reject) => {
        const {newest} = registration;
        if (!newest) {
          soon('not updated', () => reject('there is no worker'));
          return;
        }
        const promise = {
          resolve: () => {
            const view = this.#view(registration);
            soon('updated', () => resolve(view));
          },
          reject: (/** @type {string} */ why) => soon('not updated', () => reject(why)),
        };
        this.#queue(registration, (done) => this.#update(registration, newest.url, promise, done));
      },
      unregister: (/** @type {Registration} */ registration, /** @type {(was: boolean) => void} */ done) => {
        const was = place.registrations.includes(registration);
        this.unregister(registration);
        soon('unregistered', () => done(was));
      },
      controller: () => {
        const registration = this.#controllerOf(context);
        return registration?.active && {version: registration.active, state: registration.active.state};
      },
      post: (/** @type {Version} */ to, /** @type {any} */ message, /** @type {any[]} */ transfer) =>
        this.post(context, to, message, transfer),
      extend: () => {
        if (!version) return () => {};
        version.pending++;
        const alarm = scheduler.after(profile.longestExtension, () => {
          if (context.alive) this.stop(version, 'took too long');
        });
        let over = false;
        return (/** @type {boolean} */ failed) => {
          alarm.cancel();
          if (failed && version.state === 'installing') version.refuses = true;
          if (over || !context.alive) return;
          over = true;
          version.pending--;
          // When this turn is over.
          version.lane.push(() => version.context === context && this.#settle(version));
        };
      },
      skipWaiting: (/** @type {() => void} */ done) => {
        if (version) {
          version.skips = true;
          version.lane.push(() => this.#tryActivate(version.registration));
        }
        soon('skipWaiting', done);
      },
      claim: (/** @type {() => void} */ done) => {
        for (const client of world.contexts) {
          if (
            client.kind === 'window' &&
            client.place === place &&
            version &&
            client.url.startsWith(version.registration.scope)
          ) {
            version.registration.controlled.add(client);
          }
        }
        soon('claimed', done);
      },
      /** @type {(type: string, uncontrolled: boolean, take: (list: any[]) => void) => void} */
      clients: (type, uncontrolled, take) => {
        const list = [...world.contexts].filter(
          (client) =>
            client.place === place &&
            !client.cached &&
            (client.kind !== 'serviceworker' || (profile.listsServiceWorkers && client === context)) &&
            (type === 'all' || type === client.kind) &&
            (uncontrolled || version?.registration.controlled.has(client)),
        );
        soon('clients', () => take(list.map((client) => this.#known(client))));
      },
      postToClient: (/** @type {Context} */ client, /** @type {any} */ message, /** @type {any[]} */ transfer) => {
        const envelope = world.ports.serialize(context, message, transfer);
        client.windowPipe.send(context, () => {
          if (client.kind === 'sharedworker' && !profile.tellsSharedWorkers) return;
          world.enter(client, `from worker ${describe(envelope)}`, () =>
            client.realm.receiveFromWorker(envelope, context.origin, version),
          );
        });
      },
      importScript: (/** @type {string} */ relative) => {
        const url = new URL(relative, context.url).href;
        const known = version?.scripts.get(url);
        if (known === undefined && version && version.state !== 'parsed' && version.state !== 'installing') {
          throw new context.realm.DOMException(`${url} is new`, 'NetworkError');
        }
        let text = known;
        try {
          text ??= world.modules.textOf(url);
        } catch (error) {
          throw new context.realm.DOMException(String(error), 'NetworkError');
        }
        version?.scripts.set(url, text);
        world.evaluate(context, url, text);
      },
    };
  }
}

/** @param {any} host */
export function serviceWorkers(host) {
  const {realm, kind, profile} = host;
  const {fire, attribute} = realm;
  const {navigator} = realm;
  realm.DOMException = DOMException;

  class ServiceWorker extends EventTarget {
    #version;
    /** @type {string} */
    state;
    constructor(/** @type {any} */ version, /** @type {string} */ state) {
      super();
      this.#version = version;
      this.state = state;
    }
    get scriptURL() {
      return this.#version.url;
    }
    postMessage(/** @type {any} */ message, /** @type {any} */ options = []) {
      host.serviceWorkers.post(this.#version, message, realm.transferOf(options));
    }
  }
  attribute(ServiceWorker.prototype, 'statechange');
  Object.defineProperty(ServiceWorker.prototype, host.constants.PLATFORM, {value: true});

  const workers = new Map();
  /** What is known of it is told in order, so that a state that it has by now is not seen before those between. */
  const workerOf = (/** @type {any} */ version, /** @type {string} */ state) => {
    if (!workers.has(version)) workers.set(version, new ServiceWorker(version, state));
    return workers.get(version);
  };
  class ServiceWorkerRegistration extends EventTarget {
    /** @type {any} */
    installing = null;
    /** @type {any} */
    waiting = null;
    /** @type {any} */
    active = null;
    #core;
    constructor(/** @type {any} */ core) {
      super();
      this.#core = core;
      this.scope = core.scope;
    }
    update() {
      return new Promise((resolve, reject) =>
        host.serviceWorkers.update(
          this.#core,
          (/** @type {any} */ view) => resolve(registrationOf(this.#core, view)),
          (/** @type {string} */ why) => reject(new TypeError(why)),
        ),
      );
    }
    unregister() {
      return new Promise((resolve) => host.serviceWorkers.unregister(this.#core, resolve));
    }
  }
  attribute(ServiceWorkerRegistration.prototype, 'updatefound');
  const registrations = new Map();
  const registrationOf = (/** @type {any} */ core, /** @type {any} */ view) => {
    if (!registrations.has(core)) registrations.set(core, new ServiceWorkerRegistration(core));
    const registration = registrations.get(core);
    for (const name of ['installing', 'waiting', 'active'])
      registration[name] = view[name] && workerOf(view[name].version, view[name].state);
    return registration;
  };
  realm.knows = (/** @type {any} */ version) => workers.has(version) || registrations.has(version.registration);
  realm.learn = (/** @type {any} */ version, /** @type {string} */ state, /** @type {any} */ view) => {
    const worker = workers.get(version);
    if (registrations.has(version.registration)) {
      const registration = registrationOf(version.registration, view);
      if (state === 'installing') fire(registration, new Event('updatefound'));
    }
    if (!worker || worker.state === state) return;
    worker.state = state;
    fire(worker, new Event('statechange'));
  };

  const container = Object.assign(new EventTarget(), {
    getRegistrations: () =>
      new Promise((resolve) =>
        host.serviceWorkers.list((/** @type {any[]} */ list) =>
          resolve(list.map(([core, view]) => registrationOf(core, view))),
        ),
      ),
    register: (/** @type {string} */ script, /** @type {any} */ options = {}) =>
      new Promise((resolve, reject) => {
        const url = new URL(script, host.url).href;
        const scope = new URL(options.scope ?? '.', options.scope ? host.url : url).href;
        host.serviceWorkers.register(
          url,
          scope,
          (/** @type {any} */ core, /** @type {any} */ view) => resolve(registrationOf(core, view)),
          (/** @type {string} */ why) => reject(new TypeError(why)),
        );
      }),
    startMessages() {},
  });
  Object.defineProperty(container, 'controller', {
    get: () => {
      const found = host.serviceWorkers.controller();
      return found ? workerOf(found.version, found.state) : null;
    },
  });
  realm.receiveFromWorker = (/** @type {any} */ envelope, /** @type {string} */ origin, /** @type {any} */ version) => {
    const source = workerOf(version, version.state);
    fire(container, new MessageEvent('message', {...host.ports.deserialize(envelope), origin, source}));
  };
  if (kind === 'window' || profile.containerInWorkers) navigator.serviceWorker = container;
  host.define({ServiceWorker, ServiceWorkerRegistration});
  if (kind !== 'serviceworker') return;

  class Client {
    /** @type {any} */
    #core;
    constructor(/** @type {any} */ {core, ...known}) {
      this.#core = core;
      Object.assign(this, known);
    }
    postMessage(/** @type {any} */ message, /** @type {any} */ options = []) {
      host.serviceWorkers.postToClient(this.#core, message, realm.transferOf(options));
    }
  }
  class WindowClient extends Client {}
  const clientOf = (/** @type {any} */ known) =>
    known.type === 'window' ? new WindowClient(known) : new Client(known);
  Object.defineProperty(Client.prototype, host.constants.PLATFORM, {value: true});
  const own = registrationOf(host.version.registration, host.serviceWorkers.view(host.version.registration));
  realm.fireExtendable = (/** @type {string} */ type, /** @type {any} */ data) =>
    fire(globalThis, Object.assign(new ExtendableEvent(type), {data}));
  realm.receive = (/** @type {any} */ envelope, /** @type {string} */ origin, /** @type {any} */ from) => {
    const source = from.core ? clientOf(from) : workerOf(from, from.state);
    fire(globalThis, new ExtendableMessageEvent('message', {...host.ports.deserialize(envelope), origin, source}));
  };
  host.define({
    Client,
    WindowClient,
    ServiceWorkerGlobalScope: class ServiceWorkerGlobalScope {},
    registration: own,
    skipWaiting: () => new Promise((resolve) => host.serviceWorkers.skipWaiting(() => resolve(undefined))),
    clients: {
      claim: () => new Promise((resolve) => host.serviceWorkers.claim(() => resolve(undefined))),
      matchAll: ({type = 'window', includeUncontrolled = false} = {}) =>
        new Promise((resolve) =>
          host.serviceWorkers.clients(type, includeUncontrolled, (/** @type {any[]} */ list) =>
            resolve(list.map(clientOf)),
          ),
        ),
    },
    importScripts: (/** @type {string[]} */ ...urls) => urls.forEach((url) => host.serviceWorkers.importScript(url)),
  });
  if (profile.knowsOwnWorker) host.define({serviceWorker: workerOf(host.version, host.version.state)});
}
