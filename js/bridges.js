/** A client's ways to the origins it connects to: one bridge each, opened when needed, given up when unused. */
import {checkBridge, kind, openBridge} from './courier.js';
import {moreThan} from './errors.js';
import {isMessage} from './shape.js';
import {KEEPALIVE, MAX_CONNECTIONS, MAX_LOST, MAX_PENDING, SETTLE, TICK} from './limits.js';

/** @type {Map<string, BridgeTo>} */
const bridges = new Map();

/**
 * @param {string} origin
 * @returns {BridgeTo}
 */
export function bridgeTo(origin) {
  let bridge = bridges.get(origin);
  if (!bridge) bridges.set(origin, (bridge = new BridgeTo(origin)));
  return bridge;
}

/** The page is left, and its connections end: nothing of ours stays in it. */
export function leaveBridges() {
  for (const bridge of bridges.values()) bridge.leave();
}

/**
 * A connection or an attempt, as the loader keeps it. `connection` is the name under which the bridge can find it
 * again: a secret between the client's origin and the service.
 *
 * @typedef {object} Kept
 * @property {import('./link.js').Link} link
 * @property {string} targetURL
 * @property {number} started
 * @property {string} connection
 * @property {boolean} undecided whether it is an attempt
 * @property {boolean} [installWorker] of an attempt
 * @property {MessagePort} [bridge] the control port of the bridge that was told of it last
 * @property {number} until when it must have heard from the service
 */

/** One bridge, seen from the client. Its links are the connections and attempts that go through it. */
class BridgeTo {
  #origin;
  #attempts = 0;
  /** @type {Map<number, Kept>} */
  #kept = new Map();
  /** How many of those wait for an answer. */
  #pending = 0;
  /** The service's context that said hello last; one bridge rarely speaks to more than one. */
  #met = '';
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #keepalive;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #checking;
  /** How many bridges have gone since a service said hello. */
  #lost = 0;
  /** @type {MessagePort | undefined} the control port, while there is one */
  #port;
  /** Aborted when the control port is of no more use. */
  #end = new AbortController();

  /** @param {string} origin */
  constructor(origin) {
    this.#origin = origin;
  }

  /**
   * Begins an attempt. The service's hello on the link is success; failure loses the link.
   *
   * @param {{connection: string, targetURL: string, installWorker: boolean}} request
   * @param {import('./link.js').Link} link
   * @throws {DOMException} `QuotaExceededError`
   */
  begin(request, link) {
    if (this.#kept.size >= MAX_CONNECTIONS) throw moreThan(MAX_CONNECTIONS, `connections to ${this.#origin}`);
    if (this.#pending >= MAX_PENDING) throw moreThan(MAX_PENDING, `attempts at ${this.#origin}`);
    const attempt = this.#keep(link, request, true);
    this.#pending++;
    // Who answers may be gone before it does.
    this.#checking ??= setInterval(() => checkBridge(this.#origin), TICK);
    this.#attempt(attempt);
  }

  /** @param {number} attempt */
  #attempt(attempt) {
    const kept = /** @type {Kept} */ (this.#kept.get(attempt));
    const {connection, targetURL, installWorker} = kept;
    // What another bridge had on its way to a service is another attempt's.
    this.#bring(attempt, {type: 'connect', attempt, connection, targetURL, installWorker}, 0);
    kept.bridge = this.#port;
  }

  /**
   * Takes up a connection that an earlier start of this worker made.
   *
   * @param {string} targetURL
   * @param {string} connection
   * @param {import('./link.js').Link} link
   */
  resume(targetURL, connection, link) {
    this.#resume(this.#keep(link, {targetURL, connection}, false));
  }

  /**
   * Has the bridge that there is now keep a connection that was made over another.
   *
   * @param {number} attempt
   */
  #resume(attempt) {
    const kept = /** @type {Kept} */ (this.#kept.get(attempt));
    const {connection, targetURL} = kept;
    kept.bridge = this.#port;
    this.#port?.postMessage({type: 'resume', attempt, connection, targetURL});
  }

  /** Makes sure that the services can reach this client. */
  open() {
    if (!this.#port) this.#open();
  }

  /**
   * @param {import('./link.js').Link} link
   * @param {{connection: string, targetURL: string, installWorker?: boolean}} request
   * @param {boolean} undecided
   */
  #keep(link, request, undecided) {
    this.#keepalive ??= setInterval(() => this.#lookAfter(), KEEPALIVE);
    const attempt = ++this.#attempts;
    const started = performance.now();
    const until = undecided ? started + SETTLE : Infinity;
    /** @type {Kept} */
    const kept = {link, ...request, undecided, started, until};
    this.#kept.set(attempt, kept);
    const hello = link.onhello;
    link.onhello = (context) => {
      this.#lost = 0;
      // Of each attempt, too: the service's own word may have ended with it.
      const isNews = kept.undecided || this.#met !== context;
      // The bridge's word of it may come later, and never if its page goes meanwhile.
      this.#connected(kept);
      kept.until = Infinity;
      // The bridge that brought the attempt there may have gone meanwhile.
      if (!this.#port) this.#open();
      else if (kept.bridge !== this.#port) this.#resume(attempt);
      if (isNews) this.#post({type: 'met', attempt, context});
      this.#met = context;
      hello(context);
    };
    link.onneed = () => {
      // Until the service has answered, the first port is still on its way.
      if (kept.undecided) return;
      if (this.#port) this.#bring(attempt, {type: 'entangle', attempt});
      else this.#open(attempt);
    };
    const released = link.onrelease;
    link.onrelease = () => {
      this.#forget(attempt);
      released();
    };
    return attempt;
  }

  /**
   * Gives the link a fresh port, and the service the other.
   *
   * @param {number} attempt
   * @param {object} message
   * @param {number} [previous] how many ports before are still listened to
   */
  #bring(attempt, message, previous) {
    const {port1, port2} = new MessageChannel();
    this.#post(message, [port2]);
    this.#kept.get(attempt)?.link.entangle(port1, previous);
    checkBridge(this.#origin);
  }

  /**
   * @param {object} message
   * @param {Transferable[]} [transfer]
   */
  #post(message, transfer = []) {
    if (!this.#port) this.#open();
    this.#port?.postMessage(message, transfer);
  }

  /** @param {number} [needing] a fresh port, whether or not something waits for it */
  #open(needing) {
    const {port1, port2} = new MessageChannel();
    const end = (this.#end = new AbortController());
    this.#port = port1;
    port1.onmessage = ({data}) => this.#receive(data);
    end.signal.addEventListener('abort', () => {
      port1.onmessage = null;
      port1.close();
      this.#port = undefined;
    });
    // What is posted until the bridge listens waits in the port.
    openBridge(this.#origin, port2, end.signal, () => this.#lose());
    for (const [attempt, {link, undecided}] of this.#kept) {
      if (undecided) continue;
      this.#resume(attempt);
      // It may have just asked for a port in vain, and would ask again half a minute later.
      if (link.waits || attempt === needing) this.#bring(attempt, {type: 'entangle', attempt});
    }
  }

  /** @param {any} data */
  #receive(data) {
    const kept = this.#kept.get(data?.attempt);
    if (isMessage(data, 'connected')) this.#connected(kept);
    else if (isMessage(data, 'lost')) kept?.link.lose();
    else if (isMessage(data, 'need')) kept?.link.insist();
    else if (isMessage(data, 'stopped', {context: 'string'})) {
      for (const {link} of this.#kept.values()) link.stopped(data.context);
    } else if (isMessage(data, 'failed')) this.#fail();
    else if (isMessage(data, 'gone')) this.#lose();
  }

  /** @param {Kept | undefined} kept no attempt any more */
  #connected(kept) {
    if (!kept?.undecided) return;
    kept.undecided = false;
    if (--this.#pending > 0) return;
    clearInterval(this.#checking);
    this.#checking = undefined;
  }

  /** Keeps the workers awake whose links are in use, wakes those that owe a confirmation, ends what never began. */
  #lookAfter() {
    const attempts = [];
    for (const [attempt, {link, until}] of this.#kept) {
      if (performance.now() > until) link.lose();
      else if (link.used) attempts.push(attempt);
      // Firefox, when it is busy, has been seen to lose the first hello.
      else if (link.outstanding || until < Infinity) link.insist();
      link.used = false;
    }
    if (attempts.length > 0) this.#post({type: 'keepalive', attempts});
    checkBridge(this.#origin);
  }

  /** @param {number} attempt */
  #forget(attempt) {
    const kept = this.#kept.get(attempt);
    if (!kept) return;
    this.#kept.delete(attempt);
    this.#connected(kept);
    // Who has not spoken to the service can't have told it.
    this.#port?.postMessage({type: kept.until < Infinity ? 'giveup' : 'close', attempt});
    if (this.#kept.size === 0) this.#drop();
  }

  /**
   * The bridge can't be reached. Attempts fail, at the times at which a service would have refused them; connections
   * wait, and try again when they need to.
   */
  #fail() {
    this.#end.abort();
    this.#lost = 0;
    for (const kept of this.#kept.values()) {
      if (!kept.undecided) continue;
      // What was on its way may have come by then, and been answered.
      const fail = () => kept.undecided && kept.link.lose();
      setTimeout(fail, TICK - ((performance.now() - kept.started) % TICK));
    }
  }

  /**
   * The bridge is gone, and for the service the client with it. Attempts are made anew over another; connections hear
   * there what has become of them.
   */
  #lose() {
    // Of those of service workers, the service knows more than a bridge that has gone. And a page that removes each of
    // them again has its way.
    if (kind === 'serviceworker' || ++this.#lost > MAX_LOST) return this.#fail();
    this.#end.abort();
    if (this.#kept.size > 0) this.#open();
    for (const [attempt, kept] of this.#kept) {
      if (!kept.undecided) continue;
      kept.connection = crypto.randomUUID();
      this.#attempt(attempt);
    }
  }

  /** Ends what goes over the bridge, and gives it up. */
  leave() {
    for (const {link, until} of this.#kept.values()) {
      // Attempts can't come to anything any more, and somebody waits for them.
      if (until < Infinity) link.lose();
      else link.leave();
    }
    this.#drop();
  }

  #drop() {
    clearInterval(this.#keepalive);
    this.#end.abort();
    if (bridges.get(this.#origin) === this) bridges.delete(this.#origin);
  }
}
