import {CHANNEL, ROOT, isMessage} from './shape.js';
import {tellOnce} from './errors.js';
import {COMES_BACK, REGISTRY_DELAY, REGISTRY_SILENCE} from './limits.js';
import {scriptURL} from './script-url.js';
import {gone} from './context.js';
import {successor} from './one-registry.js';
import {keepAwake, takenOver, tellWorker} from './registrations.js';

/**
 * What the registry tells those who keep connections.
 *
 * @typedef {object} Keeper
 * @property {(context: string, scope: string) => void} stopped a service worker has ended
 * @property {(connection: string) => boolean} needed the service has something to say and no port; false if it is not kept
 */

/**
 * A window's side of the registry. The registry may be late, restarted or missing: what this window knows is kept
 * here and told to every generation anew, and nobody waits for it.
 */
export class RegistryClient {
  #context;
  /** @type {Map<string, object[]>} by connection, what was said of it, in order */
  #said = new Map();
  /** @type {Map<string, string>} the service workers met that have not ended, as far as we were told, and their scopes */
  #met = new Map();
  /** The SharedWorker that is or may become the registry: the same in all windows that know the same. */
  #name = CHANNEL;
  /** How often it has stayed silent since one has greeted. */
  #silences = 0;
  /** @type {MessagePort | undefined} */
  #port;
  #introduced = false;
  /** Whether a generation has taken the port, with the introduction that waited there. */
  #greeted = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  #end = new AbortController();
  /** @type {Set<Keeper>} */
  keepers = new Set();
  /** @type {{resolve: (port: MessagePort) => void, reject: (error: Error) => void}} */
  #settle = {resolve() {}, reject() {}};
  /** @type {Promise<MessagePort>} resolves once the registry runs, rejects when it can't */
  ready = this.#awaitReady();
  /** @type {Promise<unknown>} resolves when the generation that runs has ended, and `ready` is the next one's */
  ended = new Promise(() => {});
  /** Tells of the end of a generation whose worker has another. */
  #supplant = () => {};

  /** @param {import('./context.js').Context} context */
  constructor(context) {
    this.#context = context;
    if ('SharedWorker' in globalThis) setTimeout(() => this.#start(), REGISTRY_DELAY);
    else this.#fail('warn', 'this browser has no SharedWorker, so there is no registry; connections work without it.');
  }

  /** @returns {Promise<MessagePort>} */
  #awaitReady() {
    const ready = new Promise((resolve, reject) => (this.#settle = {resolve, reject}));
    ready.catch(() => {});
    return ready;
  }

  /**
   * @param {'warn' | 'error'} level
   * @param {string} why
   */
  #fail(level, why) {
    tellOnce(level, why);
    this.#settle.reject(new Error(why));
  }

  async #start() {
    this.#port?.close();
    this.#port = undefined;
    this.#introduced = this.#greeted = false;
    // The registry frees a port with its owner, whom it must know: nothing may come between connecting and introducing.
    await this.#context.lockHeld.catch(() => this.leave());
    if (this.#end.signal.aborted) return;
    const url = `${location.origin}${ROOT}registry.js`;
    /** @type {SharedWorker} */
    let worker;
    try {
      worker = new SharedWorker(scriptURL(url), {name: this.#name});
    } catch (error) {
      this.#fail(
        'error',
        `${url} could not be started, connections work without it: ${error}. The Content-Security-Policy must have` +
          " worker-src 'self' and, where it requires Trusted Types, trusted-types navigator-connect.",
      );
      return;
    }
    const missing = () => {
      this.#stopListening();
      this.#fail(
        'error',
        `${url} did not start; deploy the whole dist/ folder, and let a Content-Security-Policy allow it: worker-src 'self'.`,
      );
    };
    // Once it has spoken, it is an exception of the registry's: Firefox tells of those, too.
    worker.onerror = () => this.#silence === timer && missing();
    clearTimeout(this.#silence);
    const patience = REGISTRY_SILENCE << Math.min(this.#silences, 9);
    const timer = setTimeout(async () => {
      // Chromium does not always fire `error` for a script that isn't there.
      const isThere = await fetch(url).then(
        ({ok}) => ok,
        () => true,
      );
      if (this.#silence !== timer) return;
      if (!isThere) {
        missing();
        return;
      }
      // Who connects to a worker that is just ending may have connected to nothing. Silent twice, it never will speak.
      if (this.#silences++ > 0) this.#name += '+';
      this.#start();
    }, patience);
    this.#silence = timer;
    this.#port = worker.port;
    worker.port.onmessage = ({data, ports}) => this.#receive(worker.port, data, ports);
    this.#introduce(worker.port);
  }

  /**
   * @param {MessagePort} port
   * @param {any} data
   * @param {readonly MessagePort[]} ports
   */
  #receive(port, data, ports) {
    if (this.#port === port) this.#stopListening();
    if (isMessage(data, 'generation', {generation: 'string'})) this.#greet(port, data.generation);
    else if (isMessage(data, 'broken', {reason: 'string'})) this.#fail('error', data.reason);
    else if (isMessage(data, 'elsewhere', {name: 'string'})) this.#follow(port, data.name);
    else if (isMessage(data, 'stopped', {context: 'string', scope: 'string'})) {
      this.#met.delete(data.context);
      for (const keeper of this.keepers) keeper.stopped(data.context, data.scope);
    } else if (isMessage(data, 'need', {connection: 'string', scope: 'string'})) {
      const {connection, scope} = data;
      const kept = [...this.keepers].some((keeper) => keeper.needed(connection));
      if (!kept) tellWorker(scope, 'lost', {connection, client: this.#context.id});
    } else if (isMessage(data, 'wake', {scope: 'string'})) {
      const wake = () => tellWorker(data.scope, 'wake');
      if (data.later) setTimeout(wake, COMES_BACK);
      // Not by a timer, which a hidden window has late.
      else wake();
    } else if (isMessage(data, 'keepalive', {scope: 'string'})) {
      keepAwake(data.scope);
    } else if (isMessage(data, 'entangle', {connection: 'string', scope: 'string', client: 'string'})) {
      const {connection, scope, client} = data;
      takenOver(scope).then(() =>
        tellWorker(scope, 'entangle', {connection, client, origin: location.origin}, [...ports]),
      );
    }
  }

  /**
   * @param {MessagePort} port
   * @param {string} name
   */
  #follow(port, name) {
    if (this.#port !== port) return;
    if (this.#greeted) this.ready = this.#awaitReady();
    this.#name = name;
    this.#start();
  }

  /** @param {MessagePort} port */
  #introduce(port) {
    this.#introduced = true;
    port.postMessage({type: 'introduce', context: this.#context.id, kind: 'window', scope: ''});
    for (const messages of this.#said.values()) for (const message of messages) port.postMessage(message);
    // Last, so that who hears that one of them has ended keeps its connections already.
    for (const [context, scope] of this.#met) port.postMessage({type: 'met', context, scope});
  }

  /**
   * @param {MessagePort} port
   * @param {string} generation
   */
  async #greet(port, generation) {
    // What was on its way on a port that has been closed may come yet.
    if (this.#port !== port) return;
    if (this.#greeted) this.#introduce(port);
    this.#greeted = true;
    this.#silences = 0;
    this.#settle.resolve(port);
    this.#supplant();
    const supplanted = new Promise((resolve) => (this.#supplant = () => resolve(true)));
    // The registry may end while its clients live on. The port does not say so; the lock of its worker does.
    this.ended = Promise.race([supplanted, gone(generation, this.#end.signal)]);
    if (await this.ended) return;
    // This may be a port that was given up.
    if (this.#port !== port) return;
    this.ready = this.#awaitReady();
    this.#name = successor(generation);
    this.#start();
    // Of windows that have ended with it, nobody tells their services, which may sleep: they look for themselves.
    const known = /** @type {any[]} */ ([...this.#said.values()].flat());
    for (const scope of new Set(known.map(({scope}) => scope))) if (scope) tellWorker(scope, 'wake');
  }

  /** @param {{type: 'connect' | 'answer', connection: string, [field: string]: unknown}} message */
  tell(message) {
    const messages = this.#said.get(message.connection) ?? [];
    this.#said.set(message.connection, messages);
    messages.push(message);
    this.#post(message);
  }

  /**
   * @param {string} context a service worker's that runs, or ran until a moment ago
   * @param {string} scope
   */
  meet(context, scope) {
    this.#met.set(context, scope);
    this.#post({type: 'met', context, scope});
  }

  /** @param {string} connection */
  forget(connection) {
    if (this.#said.delete(connection)) this.#post({type: 'close', connection});
    // Without connections, it does not matter who has ended, and nobody tells.
    if (this.#said.size === 0) this.#met.clear();
  }

  /** The registry has spoken, or need not. */
  #stopListening() {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  /** @param {object} message */
  #post(message) {
    if (this.#introduced) this.#port?.postMessage(message);
  }

  /** The window is left. */
  leave() {
    this.#end.abort();
    this.#stopListening();
    this.#port?.close();
    this.#port = undefined;
    this.#settle.reject(new Error('The window was left.'));
  }
}

/**
 * What the registry of this origin and storage partition knows; for inspectors and tests.
 *
 * @param {RegistryClient} registry
 * @returns {Promise<import('./protocol.js').Snapshot>}
 */
export async function requestSnapshot(registry) {
  const port = await registry.ready;
  const {port1, port2} = new MessageChannel();
  try {
    return await new Promise((resolve) => {
      port1.onmessage = ({data}) => resolve(data);
      port.postMessage({type: 'snapshot'}, [port2]);
      // Who ends before it answers never will; the next one can.
      registry.ended.then(() => resolve(requestSnapshot(registry)));
    });
  } finally {
    port1.close();
  }
}
