/** Dedicated and shared workers. */
import {topOf} from './windows.js';

/** @typedef {import('./world.js').Context} Context */

/** A shared worker, from the first client on that asks for it. */
export class Shared {
  /** @type {Context | undefined} */
  context;
  ended = false;
  /** @type {Set<Context>} */
  clients = new Set();
  /** Clients' ports that wait for its start. @type {any[]} */
  waiting = [];

  /**
   * @param {import('./world.js').Place} place
   * @param {string} key
   */
  constructor(place, key) {
    this.place = place;
    this.key = key;
  }
}

export class Workers {
  #world;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  /**
   * @param {Context} client
   * @param {string} url
   * @param {string} name
   * @param {() => void} failed
   * @returns {any} the client's port
   */
  #connect(client, url, name, failed) {
    const {place} = client;
    const key = `${url} ${name}`;
    let shared = place.shared.get(key);
    // Firefox hands out one that has ended, as long as anybody holds on to it.
    if (shared?.ended && !(this.#world.profile.endedHandedOut && shared.clients.size > 0)) shared = undefined;
    if (!shared) {
      place.shared.set(key, (shared = new Shared(place, key)));
      this.#start(shared, url, name, failed);
    }
    shared.clients.add(client);
    client.clientOf.add(shared);
    const [here, there] = this.#world.ports.channel();
    const port = this.#world.ports.give(here, client);
    if (shared.context) this.#introduce(shared, there);
    else shared.waiting.push(there);
    return port;
  }

  /**
   * @param {Shared} shared
   * @param {string} url
   * @param {string} workerName
   * @param {() => void} failed
   */
  #start(shared, url, workerName, failed) {
    const world = this.#world;
    world.network.get(url, (answer) => {
      if (shared.ended || shared.clients.size === 0) return;
      if (answer?.status !== 200) {
        this.#forget(shared);
        if (!world.profile.hidesMissingScripts || world.random.chance(0.5)) failed();
        return;
      }
      const role = url.endsWith('/registry.js') ? 'registry' : 'shared';
      const context = (shared.context = world.create('sharedworker', shared.place, url, role, {workerName}));
      world.enter(context, 'start', () => {
        world.go.prepare(context);
        world.evaluate(context, url);
      });
      for (const port of shared.waiting.splice(0)) this.#introduce(shared, port);
    });
  }

  /**
   * @param {Shared} shared
   * @param {any} core
   */
  #introduce({context}, core) {
    const worker = /** @type {Context} */ (context);
    worker.lane.push(() => worker.alive && this.#world.enter(worker, 'connect', () => worker.realm.connect(core)));
  }

  /** @param {Shared} shared */
  #forget(shared) {
    shared.ended = true;
    const {place, key, clients} = shared;
    const isHeld = this.#world.profile.endedHandedOut && clients.size > 0;
    if (place.shared.get(key) === shared && !isHeld) place.shared.delete(key);
  }

  /** @param {Context} context that has ended */
  end(context) {
    const {scheduler, random} = this.#world;
    for (const shared of context.clientOf) {
      shared.clients.delete(context);
      if (shared.ended) this.#forget(shared);
      scheduler.after(random.between(15, 50), () => {
        if (shared.clients.size > 0) return;
        this.#forget(shared);
        if (shared.context) this.#world.end(shared.context, 'has no clients');
      });
    }
    for (const shared of context.place.shared.values()) if (shared.context === context) this.#forget(shared);
  }

  /** @param {Context} context */
  api(context) {
    const world = this.#world;
    return {
      connect: (/** @type {string} */ url, /** @type {string} */ name, /** @type {() => void} */ failed) =>
        this.#connect(context, new URL(url, context.url).href, name, () =>
          context.lane.push(() => world.enter(context, 'worker error', failed)),
        ),
      /** @type {(url: string, target: any) => {core: any, worker: {context?: Context}}} */
      create: (url, target) => {
        const absolute = new URL(url, context.url).href;
        const [core, inner] = world.ports.channel();
        core.owner = context;
        context.ports.add(core);
        context.realm.receiveAt(core, target);
        core.started = true;
        /** @type {{context?: Context}} */
        const worker = {};
        world.network.get(absolute, (answer) => {
          if (!context.alive || answer?.status !== 200) return;
          const made = world.create('worker', context.place, absolute, 'worker', {parent: context});
          worker.context = made;
          context.children.add(made);
          inner.owner = made;
          made.ports.add(inner);
          made.realm.outer = inner;
          world.enter(made, 'start', () => {
            made.realm.receiveFromOwner(inner);
            world.evaluate(made, absolute);
          });
          world.ports.start(inner);
        });
        return {core, worker};
      },
      terminate: (/** @type {{context?: Context}} */ {context: worker}) => worker && world.end(worker, 'terminated'),
      close: () => world.end(context, 'closed'),
      outer: () => context.realm.outer,
      top: () => topOf(context),
    };
  }
}

/** @param {any} host */
export function workers(host) {
  const {realm, kind, profile} = host;
  const {fire, attribute} = realm;
  if (kind === 'window' || kind === 'worker' || (kind === 'sharedworker' && profile.workersInSharedWorkers)) {
    class Worker extends EventTarget {
      #core;
      #worker;
      constructor(/** @type {string} */ url) {
        super();
        const {core, worker} = host.workers.create(`${url}`, this);
        this.#core = core;
        this.#worker = worker;
      }
      postMessage(/** @type {any} */ message, /** @type {any} */ options = []) {
        host.ports.post(this.#core, message, realm.transferOf(options));
      }
      terminate() {
        host.workers.terminate(this.#worker);
      }
    }
    for (const type of ['message', 'messageerror', 'error']) attribute(Worker.prototype, type);
    host.define({Worker});
  }
  if (kind === 'window') {
    class SharedWorker extends EventTarget {
      constructor(/** @type {string} */ url, /** @type {any} */ options = {}) {
        super();
        const name = typeof options === 'string' ? options : (options.name ?? '');
        this.port = host.workers.connect(`${url}`, name, () => fire(this, new Event('error')));
      }
    }
    attribute(SharedWorker.prototype, 'error');
    host.define({SharedWorker});
  }
  if (kind !== 'worker' && kind !== 'sharedworker') return;
  host.define({
    importScripts: (/** @type {string[]} */ ...urls) => urls.forEach((url) => host.serviceWorkers.importScript(url)),
    close: () => host.workers.close(),
  });
  if (kind === 'sharedworker') {
    attribute(globalThis, 'connect');
    realm.connect = (/** @type {any} */ core) => {
      const port = host.ports.adopt(core);
      const list = /** @type {any} */ (Object.freeze([port]));
      fire(globalThis, new MessageEvent('connect', {data: '', ports: list, source: port}));
    };
    host.define({SharedWorkerGlobalScope: class SharedWorkerGlobalScope {}});
  } else {
    for (const type of ['message', 'messageerror']) attribute(globalThis, type);
    realm.receiveFromOwner = (/** @type {any} */ core) => realm.receiveAt(core, globalThis);
    host.define({
      DedicatedWorkerGlobalScope: class DedicatedWorkerGlobalScope {},
      postMessage: (/** @type {any} */ message, /** @type {any} */ options = []) =>
        host.ports.post(host.workers.outer(), message, realm.transferOf(options)),
    });
  }
}
