/** Windows: pages and frames, and how they are hidden, frozen, left, cached, shown again, removed, and crash. */
import {describe} from './ports.js';

/** @typedef {import('./world.js').Context} Context */

export class Windows {
  #world;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  /**
   * A page, with the scripts that its document names.
   *
   * @param {string} url
   * @param {string[]} scripts
   * @param {import('./world.js').Place} [place] where it has its storage, if it is not at the top
   * @returns {Context}
   */
  open(url, scripts, place = this.#world.place(new URL(url).origin)) {
    const page = this.#world.create('window', place, url, 'page');
    this.#world.serviceWorkers.control(page);
    for (const script of scripts) {
      this.#world.enter(page, `script ${script}`, () => {
        page.realm.currentScript = {src: script};
        this.#world.evaluate(page, script);
        page.realm.currentScript = null;
      });
    }
    return page;
  }

  /** @param {Context} page */
  framesOf(page) {
    return [...page.children].filter(({kind}) => kind === 'window');
  }

  /**
   * @param {Context} page
   * @param {boolean} hidden
   */
  hide(page, hidden) {
    page.hidden = hidden;
    this.#world.enter(page, hidden ? 'hidden' : 'visible', () => page.realm.fireDocument('visibilitychange'));
  }

  /** Nothing runs there, and nothing is lost. @param {Context} page */
  freeze(page) {
    for (const context of [page, ...this.framesOf(page)]) context.suspended ??= [];
  }

  /** @param {Context} page */
  resume(page) {
    for (const context of [page, ...this.framesOf(page)]) this.#thaw(context);
  }

  /** What it has missed comes, in order, and what comes meanwhile after that. @param {Context} context */
  #thaw(context) {
    const suspended = (context.suspended ??= []);
    context.thaws = true;
    const next = () => {
      // It may have been left meanwhile.
      if (context.suspended !== suspended) return;
      context.suspended = undefined;
      suspended.shift()?.();
      context.thaws = context.alive && suspended.length > 0;
      if (!context.thaws) return;
      context.suspended = suspended;
      context.lane.push(next);
    };
    context.lane.push(next);
  }

  /**
   * The page is navigated away from, closed, or put into the back/forward cache.
   *
   * @param {Context} page
   * @param {boolean} [cached]
   */
  leave(page, cached = false) {
    const world = this.#world;
    if (page.cached) return this.evict(page);
    const waiting = [...(page.suspended ?? [])];
    for (const context of [page, ...this.framesOf(page)]) {
      context.suspended = undefined;
      context.thaws = false;
    }
    const holds = [...page.place.locks.values()].some(({held}) =>
      held.some(({context}) => context === page || context.parent === page),
    );
    const wasHidden = page.hidden;
    const hide = (/** @type {Context} */ context) => {
      world.enter(context, 'pagehide', () => context.realm.fireWindow('pagehide', cached));
      page.hidden = true;
      if (!wasHidden) world.enter(context, 'hidden', () => context.realm.fireDocument('visibilitychange'));
    };
    page.departing = [];
    hide(page);
    // Frames that it removes go at once, with all that they say.
    for (const depart of page.departing) depart();
    page.departing = undefined;
    for (const frame of this.framesOf(page)) hide(frame);
    if (!page.alive) return;
    if (!cached) {
      world.enter(page, 'unload', () => page.realm.fireWindow('unload', false));
      world.end(page, 'left');
      return;
    }
    page.cached = true;
    page.suspended = waiting;
    // Whether it gives them back when it is left does not count.
    if (holds && world.profile.locksHinderCache) world.scheduler.after(0, () => page.cached && this.evict(page));
  }

  /** @param {Context} page in the back/forward cache */
  evict(page) {
    this.#world.end(page, 'evicted');
  }

  /** @param {Context} page that comes back from the cache */
  show(page) {
    if (!page.alive || !page.cached) return;
    page.cached = false;
    page.suspended?.unshift(
      () => this.#world.enter(page, 'pageshow', () => page.realm.fireWindow('pageshow', true)),
      () => this.hide(page, false),
    );
    this.#thaw(page);
  }

  /** The application empties its document, and all frames with it. @param {Context} page */
  replaceDocument(page) {
    this.#world.enter(page, 'document replaced', () => page.realm.removeFrames());
  }

  /**
   * @param {Context} page
   * @param {any} frame
   */
  #remove(page, frame) {
    const world = this.#world;
    frame.removed = true;
    const {context} = frame;
    if (!context) return;
    page.children.delete(context);
    // From now on it hears nothing but that it goes.
    context.suspended = [];
    const depart = () => {
      context.suspended = undefined;
      const {flying} = context;
      const before = new Set(flying);
      world.enter(context, 'pagehide', () => context.realm.fireWindow('pagehide', false));
      if (!world.profile.lastWordsOfFrames && world.random.chance(0.5)) {
        for (const flight of flying) if (!before.has(flight)) flight.vanished = true;
      }
      world.end(context, 'removed');
    };
    if (page.departing) page.departing.push(depart);
    else page.lane.push(depart);
  }

  /** @param {Context} context */
  api(context) {
    const world = this.#world;
    return {
      /** @type {(to: Context, message: any, targetOrigin: string, transfer: any[]) => void} */
      post: (to, message, targetOrigin, transfer) => {
        const envelope = world.ports.serialize(context, message, transfer);
        if (targetOrigin !== to.origin) return;
        to.windowPipe.send(context, () =>
          world.enter(to, `window ${describe(envelope)}`, () => to.realm.receiveWindow(envelope, context)),
        );
      },
      /** @type {(url: string, created: (window: Context) => void, loaded: () => void) => any} */
      embed: (url, created, loaded) => {
        const frame = {removed: false, context: /** @type {Context | undefined} */ (undefined)};
        const top = topOf(context).origin;
        const done = () => context.lane.push(() => world.enter(context, 'frame loaded', loaded));
        world.network.get(url, (answer) => {
          if (!context.alive || frame.removed) return;
          // What does not load is an error page, which fires the same event.
          if (answer?.status !== 200) {
            done();
            return;
          }
          const place = world.place(new URL(url).origin, top);
          const window = world.create('window', place, url, 'bridge', {parent: context});
          frame.context = window;
          context.children.add(window);
          world.serviceWorkers.control(window);
          if (context.suspended) window.suspended = [];
          world.enter(context, 'frame', () => created(window));
          world.enter(window, 'load', () => world.evaluate(window, url));
          done();
        });
        return frame;
      },
      remove: (/** @type {any} */ frame) => frame && this.#remove(context, frame),
      isHidden: () => topOf(context).hidden,
    };
  }
}

/**
 * @param {Context} context
 * @returns {Context}
 */
export const topOf = (context) => (context.parent ? topOf(context.parent) : context);

/** @param {any} host */
export function windows(host) {
  const {realm, kind, origin, url} = host;
  const {fire, navigator} = realm;
  const global = globalThis;
  const {href, protocol, host: hostname, pathname, search, hash} = new URL(url);
  host.define({
    self: global,
    origin,
    isSecureContext: protocol === 'https:',
    location: {origin, href, protocol, host: hostname, pathname, search, hash},
    name: host.workerName,
    navigator,
  });
  if (kind !== 'window') return;

  /** What other windows look like from here. */
  const proxies = new Map();
  const proxyOf = (/** @type {any} */ context) => {
    if (context === host.context) return global;
    if (!proxies.has(context)) {
      proxies.set(context, {
        postMessage: (
          /** @type {any} */ message,
          /** @type {string} */ targetOrigin,
          /** @type {any[]} */ transfer = [],
        ) => host.windows.post(context, message, targetOrigin, transfer),
      });
    }
    return proxies.get(context);
  };
  class PageTransitionEvent extends Event {
    persisted = false;
  }
  /** @type {Set<any>} those that are in the document */
  const frames = new Set();
  class HTMLIFrameElement extends EventTarget {
    style = {};
    src = '';
    isConnected = false;
    /** @type {any} */
    contentWindow = null;
    /** @type {any} */
    #frame;
    get isFrame() {
      return true;
    }
    insert() {
      frames.add(this);
      this.isConnected = true;
      const created = (/** @type {any} */ context) => (this.contentWindow = proxyOf(context));
      this.#frame = host.windows.embed(this.src, created, () => fire(this, new Event('load')));
    }
    remove() {
      if (!frames.delete(this)) return;
      this.isConnected = false;
      this.contentWindow = null;
      host.windows.remove(this.#frame);
    }
  }
  class Node extends EventTarget {
    get baseURI() {
      return href;
    }
  }
  class Document extends Node {
    get currentScript() {
      return realm.currentScript;
    }
    get hidden() {
      return host.windows.isHidden();
    }
    get documentElement() {
      return {append: (/** @type {HTMLIFrameElement} */ element) => element.insert()};
    }
    createElement() {
      return new HTMLIFrameElement();
    }
  }
  const document = new Document();
  Object.assign(realm, {
    document,
    frames,
    removeFrames: () => [...frames].forEach((frame) => frame.remove()),
    // It bubbles.
    fireDocument: (/** @type {string} */ type) => [document, global].forEach((target) => fire(target, new Event(type))),
    fireWindow: (/** @type {string} */ type, /** @type {boolean} */ persisted) =>
      fire(global, Object.assign(new PageTransitionEvent(type), {persisted})),
    receiveWindow: (/** @type {any} */ envelope, /** @type {any} */ from) => {
      const source = proxyOf(from);
      fire(global, new MessageEvent('message', {...host.ports.deserialize(envelope), origin: from.origin, source}));
    },
  });
  host.define({window: global, Node, Document, document, parent: host.parent ? proxyOf(host.parent) : global});
}
