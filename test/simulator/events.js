/** Events, as every context has them. Evaluated in its realm: see realm.js. */

/** @param {any} host */
export function events(host) {
  const LISTENERS = Symbol('listeners');
  const STATE = Symbol('state');

  class DOMException extends Error {
    #name;
    constructor(message = '', name = 'Error') {
      super(message);
      this.#name = name;
    }
    get name() {
      return this.#name;
    }
  }

  Object.defineProperty(DOMException.prototype, host.constants.DOM_EXCEPTION, {value: true});

  class Event {
    static NONE = 0;
    static AT_TARGET = 2;
    #type;
    #cancelable;
    /** @type {any} what dispatching changes */
    [STATE] = {phase: 0, stop: false, prevented: false, target: null, current: null};
    constructor(/** @type {string} */ type, /** @type {any} */ {cancelable = false} = {}) {
      this.#type = `${type}`;
      this.#cancelable = cancelable;
    }
    get type() {
      return this.#type;
    }
    get eventPhase() {
      return this[STATE].phase;
    }
    get target() {
      return this[STATE].target;
    }
    get currentTarget() {
      return this[STATE].current;
    }
    get isTrusted() {
      return false;
    }
    get cancelable() {
      return this.#cancelable;
    }
    get defaultPrevented() {
      return this[STATE].prevented;
    }
    preventDefault() {
      if (this.#cancelable) this[STATE].prevented = true;
    }
    stopPropagation() {}
    stopImmediatePropagation() {
      this[STATE].stop = true;
    }
  }

  class EventTarget {
    /** @type {any} by type */
    [LISTENERS] = {__proto__: null};
    addEventListener(/** @type {string} */ type, /** @type {any} */ listener, /** @type {any} */ options = {}) {
      listen(this, type, listener, options);
    }
    removeEventListener(/** @type {string} */ type, /** @type {any} */ listener) {
      unlisten(this, type, listener);
    }
    dispatchEvent(/** @type {any} */ event) {
      return dispatch(this, event, false);
    }
  }

  for (const {prototype} of [Event, EventTarget])
    Object.defineProperty(prototype, host.constants.PLATFORM, {value: true});

  const listen = (/** @type {any} */ target, /** @type {string} */ type, /** @type {any} */ listener, options = {}) => {
    const {once = false, signal} = Object(options);
    if (!listener || signal?.aborted) return;
    const list = (target[LISTENERS][type] ??= []);
    if (list.some((/** @type {any} */ entry) => entry.listener === listener)) return;
    list.push({listener, once, live: true});
    signal?.addEventListener('abort', () => unlisten(target, type, listener));
  };
  const unlisten = (/** @type {any} */ target, /** @type {string} */ type, /** @type {any} */ listener) => {
    const list = target[LISTENERS][type] ?? [];
    const i = list.findIndex((/** @type {any} */ entry) => entry.listener === listener);
    if (i >= 0) list.splice(i, 1)[0].live = false;
  };

  /**
   * @param {any} target
   * @param {any} event
   * @param {boolean} native no script is running: microtasks run after every listener, and a context may end between two
   */
  const dispatch = (target, event, native) => {
    const state = event[STATE];
    state.target = state.current = target;
    state.phase = 2;
    for (const entry of [...(target[LISTENERS][event.type] ?? [])]) {
      if (!entry.live || state.stop || !host.alive()) continue;
      if (entry.once) unlisten(target, event.type, entry.listener);
      try {
        if (typeof entry.listener === 'function') entry.listener.call(target, event);
        else entry.listener.handleEvent(event);
      } catch (error) {
        host.uncaught(error);
      }
      if (native) host.drain();
    }
    state.phase = 0;
    state.current = null;
    return !state.prevented;
  };

  /**
   * The attribute `on<type>`: its listener has its place among the others.
   *
   * @param {any} prototype
   * @param {string} type
   * @param {(target: any) => void} [check] throws for an object of another interface
   * @param {(target: any) => void} [onset]
   */
  const attribute = (prototype, type, check = () => {}, onset = () => {}) => {
    const slots = new WeakMap();
    // Of a global in a context of Node's, `this` is something else.
    const own = (/** @type {any} */ receiver) => (prototype === globalThis ? globalThis : receiver);
    Object.defineProperty(prototype, `on${type}`, {
      configurable: true,
      enumerable: true,
      get() {
        check(own(this));
        return slots.get(own(this))?.handler ?? null;
      },
      set(handler) {
        const target = own(this);
        check(target);
        const slot = slots.get(target);
        if (typeof handler !== 'function') {
          if (slot) unlisten(target, type, slot.listener);
          slots.delete(target);
        } else if (slot) {
          slot.handler = handler;
        } else {
          const entry = {handler, listener: (/** @type {any} */ event) => entry.handler.call(target, event)};
          slots.set(target, entry);
          listen(target, type, entry.listener);
        }
        if (handler) onset(target);
      },
    });
  };

  class MessageEvent extends Event {
    #init;
    constructor(/** @type {string} */ type, /** @type {any} */ init = {}) {
      super(type, init);
      this.#init = init;
    }
    get data() {
      return this.#init.data ?? null;
    }
    get origin() {
      return this.#init.origin ?? '';
    }
    get source() {
      return this.#init.source ?? null;
    }
    get ports() {
      return this.#init.ports ?? Object.freeze([]);
    }
    get lastEventId() {
      return '';
    }
  }

  const abort = (/** @type {AbortSignal} */ signal, /** @type {any} */ reason) => abortSignal(signal, reason);
  /** @type {(signal: AbortSignal, reason: any) => void} */
  let abortSignal = () => {};
  class AbortSignal extends EventTarget {
    #aborted = false;
    /** @type {any} */
    #reason;
    static {
      abortSignal = (signal, reason) => {
        if (signal.#aborted) return;
        signal.#aborted = true;
        signal.#reason = reason;
        dispatch(signal, new Event('abort'), false);
      };
    }
    get aborted() {
      return this.#aborted;
    }
    get reason() {
      return this.#reason;
    }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    static timeout(/** @type {number} */ ms) {
      const signal = new AbortSignal();
      host.timers.set(() => abort(signal, new DOMException('timed out', 'TimeoutError')), ms, false);
      return signal;
    }
  }
  attribute(AbortSignal.prototype, 'abort');
  class AbortController {
    signal = new AbortSignal();
    abort(/** @type {any} */ reason = new DOMException('aborted', 'AbortError')) {
      abort(this.signal, reason);
    }
  }

  /** Their lifetime counts while they are dispatched, and as long as a promise is pending. */
  class ExtendableEvent extends Event {
    #pending = 0;
    waitUntil(/** @type {any} */ promise) {
      if (this.eventPhase === 0 && this.#pending === 0) throw new DOMException('It is over.', 'InvalidStateError');
      this.#pending++;
      const done = host.serviceWorkers.extend();
      const settled = (/** @type {boolean} */ failed) =>
        queueMicrotask(() => {
          this.#pending--;
          done(failed);
        });
      Promise.resolve(promise).then(
        () => settled(false),
        () => settled(true),
      );
    }
    respondWith(/** @type {any} */ response) {
      this.waitUntil(response);
    }
  }
  class ExtendableMessageEvent extends ExtendableEvent {
    #init;
    constructor(/** @type {string} */ type, /** @type {any} */ init = {}) {
      super(type, init);
      this.#init = init;
    }
    get data() {
      return this.#init.data ?? null;
    }
    get origin() {
      return this.#init.origin ?? '';
    }
    get source() {
      return this.#init.source ?? null;
    }
    get ports() {
      return this.#init.ports ?? Object.freeze([]);
    }
    get lastEventId() {
      return '';
    }
  }

  // The global is an event target, too.
  /** @type {any} */
  const global = globalThis;
  global[LISTENERS] = {__proto__: null};
  const fire = (/** @type {any} */ target, /** @type {any} */ event) => dispatch(target, event, true);
  Object.assign(host.realm, {fire, attribute});
  host.realm.countListeners = (/** @type {any} */ target) => {
    const lists = /** @type {any[][]} */ (Object.values(target?.[LISTENERS] ?? {}));
    return lists.reduce((sum, {length}) => sum + length, 0);
  };
  host.define({
    ...{DOMException, Event, EventTarget, MessageEvent, AbortController, AbortSignal},
    addEventListener: (/** @type {[string, any, any]} */ ...args) => listen(global, ...args),
    removeEventListener: (/** @type {[string, any]} */ ...args) => unlisten(global, ...args),
    dispatchEvent: (/** @type {any} */ event) => dispatch(global, event, false),
  });
  if (host.kind === 'serviceworker') host.define({ExtendableEvent, ExtendableMessageEvent});
}
