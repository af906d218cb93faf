/** The hidden frames that run bridge.html of other origins: one each, for all who share this window. */
import {BRIDGE_LINGER, CHECKED, FAREWELL, FRAME_LOAD, HANDSHAKE} from './limits.js';
import {bound} from './bound.js';
import {append, createFrame} from './document.js';
import {GONE, PROTOCOL, ROOT, isMessage} from './shape.js';
import {tellOnce} from './errors.js';

/** All that there are, the oldest first: of an origin, that is the one in use. @type {Set<Frame>} */
export const frames = new Set();

/** @param {string} origin */
const frameOf = (origin) => [...frames].find((frame) => frame.origin === origin);

/**
 * Lets the bridge of another origin serve a client, mounting it if need be.
 *
 * @param {string} origin
 * @param {MessagePort} port the control port
 * @param {import('./protocol.js').ClientKind} kind the client's
 * @param {AbortSignal} signal the client's end, or that of its interest
 * @param {import('./courier.js').OnNeed} onneed
 * @param {() => void} lost called when the bridge is gone: another can be had
 * @returns {Promise<void>} rejects when the bridge can't be reached
 */
export function openFrame(origin, port, kind, signal, onneed, lost) {
  checkFrame(origin);
  return (frameOf(origin) ?? new Frame(origin)).attach(port, kind, signal, onneed, lost);
}

/**
 * Finds out whether the bridge is still there, which somebody needs. Applications that replace their whole document take
 * our frames with it; they may move one, or load something else there; and its process may crash.
 *
 * @param {string} origin
 */
export const checkFrame = (origin) => frameOf(origin)?.check();

class Frame {
  origin;
  element;
  /** Aborted when the frame is removed, or can't be used; all that it owns listens. */
  #end = new AbortController();
  /** @type {Promise<MessagePort>} resolves with our port to the bridge once it runs */
  #ready;
  #last = 0;
  /**
   * The clients: whom to tell when they are needed, and when the bridge is gone.
   *
   * @type {Map<number, {onneed: import('./courier.js').OnNeed, lost: () => void}>}
   */
  #clients = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} until the bridge must have answered, when it was asked */
  #asked;
  /**
   * Those that have left, and that services may have to be told of yet: what ends waiting for that.
   *
   * @type {Map<number, ReturnType<typeof setTimeout>>}
   */
  #leaving = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #linger;

  /** @param {string} origin */
  constructor(origin) {
    this.origin = origin;
    frames.add(this);
    const frame = (this.element = createFrame());
    frame.src = `${origin}${ROOT}bridge.html`;
    frame.style.display = 'none';
    this.#ready = this.#handshake();
    append(frame);
  }

  /**
   * @param {MessagePort} port
   * @param {import('./protocol.js').ClientKind} kind
   * @param {AbortSignal} signal
   * @param {import('./courier.js').OnNeed} onneed
   * @param {() => void} lost
   * @returns {Promise<void>}
   */
  attach(port, kind, signal, onneed, lost) {
    clearTimeout(this.#linger);
    const client = ++this.#last;
    this.#clients.set(client, {onneed, lost});
    signal.addEventListener('abort', () => {
      if (this.#end.signal.aborted) return;
      this.#ready.then(
        (bridge) => bridge.postMessage({type: 'leave', client, gone: signal.reason === GONE}),
        () => {},
      );
      this.#clients.delete(client);
      this.#leaving.set(
        client,
        setTimeout(() => this.#leave(client), FAREWELL),
      );
    });
    return this.#ready.then((bridge) => bridge.postMessage({type: 'serve', client, kind}, [port]));
  }

  /** See `checkFrame`. */
  async check() {
    if (!this.element.isConnected) return this.#lose();
    const bridge = await this.#ready.catch(() => {});
    if (!bridge || this.#asked || this.#end.signal.aborted) return;
    bridge.postMessage({type: 'check'});
    const asked = setTimeout(() => {
      // It may be busy, or this page was. Then another, which shares the bridge's process, is ready no sooner than its
      // answer is heard.
      const other = new Frame(this.origin);
      const decide = () => {
        if (this.#asked === asked) this.#lose();
        if (this.#end.signal.aborted) other.#rest();
        else other.drop();
      };
      other.#ready.then(decide, decide);
    }, CHECKED);
    this.#asked = asked;
  }

  /** The next has its clients, if there is another. */
  #lose() {
    this.drop();
    this.#clients.forEach(({lost}) => lost());
  }

  /** @param {number} client that has left, and for whom the bridge has nothing more to do, or has had its time */
  #leave(client) {
    clearTimeout(this.#leaving.get(client));
    // What the bridge says of others is not true.
    if (this.#leaving.delete(client)) this.#rest();
  }

  /** It stays for a moment when nobody has need of it. */
  #rest() {
    if (this.#clients.size + this.#leaving.size === 0) this.#linger = setTimeout(() => this.drop(), BRIDGE_LINGER);
  }

  drop() {
    clearTimeout(this.#linger);
    clearTimeout(this.#asked);
    this.#asked = undefined;
    this.#leaving.forEach((timer) => clearTimeout(timer));
    this.#end.abort();
    this.element.remove();
    frames.delete(this);
  }

  /**
   * Waits for the frame and what it says. Without an answer, the console has cause and cure, and the frame is dropped.
   *
   * @returns {Promise<MessagePort>}
   */
  #handshake() {
    const url = this.element.src;
    const {origin} = this;
    const {port1, port2} = new MessageChannel();
    return new Promise((resolve, reject) => {
      /** @param {string} why */
      const fail = (why) => {
        tellOnce('error', why);
        this.drop();
      };
      let end = bound(FRAME_LOAD, () => fail(`${url} did not load; is its server running?`));
      const done = new AbortController();
      const {signal} = done;
      signal.addEventListener('abort', () => end());
      this.#end.signal.addEventListener('abort', () => {
        done.abort();
        port1.close();
        reject();
      });
      addEventListener(
        'securitypolicyviolation',
        (/** @type {any} a SecurityPolicyViolationEvent */ {blockedURI, disposition, effectiveDirective}) => {
          // A policy that only reports blocks nothing.
          if (disposition !== 'enforce' || (blockedURI !== url && blockedURI !== origin)) return;
          fail(`Content-Security-Policy blocks ${url}; add ${origin} to ${effectiveDirective}.`);
        },
        {signal},
      );
      let greeted = false;
      const greet = () => {
        const {src, contentDocument} = this.element;
        // Moved, reloaded or led elsewhere by its page. What can't be loaded is blank, too.
        const isElsewhere = !['about:blank', url].includes(contentDocument?.URL ?? url);
        if (greeted || src !== url || isElsewhere) return this.#lose();
        greeted = true;
        end();
        end = bound(HANDSHAKE, () =>
          fail(`${url} did not answer; deploy all of dist/, without X-Frame-Options or frame-ancestors.`),
        );
        this.element.contentWindow?.postMessage({navigatorConnect: PROTOCOL, type: 'hello'}, origin, [port2]);
      };
      this.element.addEventListener('load', greet, {signal});
      port1.onmessage = ({data}) => {
        clearTimeout(this.#asked);
        this.#asked = undefined;
        if (isMessage(data, 'need')) this.#clients.get(data.client)?.onneed(data.traffic);
        else if (isMessage(data, 'left')) this.#leave(data.client);
        if (isMessage(data, 'insecure')) fail(`${url} is no secure context; serve it over https.`);
        // Once only: a second one must not take the frame from those who wait.
        if (signal.aborted || !isMessage(data, 'ready', {version: 'number'})) return;
        if (data.version === PROTOCOL) {
          done.abort();
          resolve(port1);
        } else fail(`${url} speaks version ${data.version}, this page ${PROTOCOL}; deploy one dist/.`);
      };
    });
  }
}
