/** A client's ways to the origins it connects to: one bridge each, opened when needed, given up when unused. */
import {checkBridge, kind, openBridge} from './courier.js';
import {moreThan} from './errors.js';
import {isMessage} from './shape.js';
import {KEEPALIVE, MAX_CONNECTIONS, MAX_LOST, MAX_PENDING, SETTLE, TICK} from './limits.js';

/** By origin. @type {Map<string, BridgeTo>} */
export const bridges = new Map();

/**
 * @param {string} origin
 * @returns {BridgeTo}
 */
export function bridgeTo(origin) {
  let bridge = bridges.get(origin);
  if (!bridge) bridges.set(origin, (bridge = new BridgeTo(origin)));
  return bridge;
}

/**
 * What bridges are told of a connection or an attempt. `connection` is the name under which one can find it again: a
 * secret between the client's origin and the service.
 *
 * @typedef {object} Request
 * @property {string} connection
 * @property {string} targetURL
 * @property {boolean} [installWorker] of an attempt
 * @property {boolean} [again] whether the service may have heard of it over another bridge
 */

/**
 * A connection or an attempt, as the loader keeps it.
 *
 * @typedef {object} Kept
 * @property {import('./link.js').Link} link
 * @property {Request} request
 * @property {number} started
 * @property {boolean} undecided whether it is an attempt
 * @property {number} until how many looks from now it must have heard from the service
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
   * @param {Request} request
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
    if (this.#port) this.#attempt(attempt);
    else this.#open();
  }

  /**
   * Has the bridge that there is now bring an attempt to the service.
   *
   * @param {number} attempt
   */
  #attempt(attempt) {
    const {request} = /** @type {Kept} */ (this.#kept.get(attempt));
    this.#bring(attempt, {type: 'connect', attempt, ...request});
    request.again = true;
  }

  /**
   * Takes up a connection that an earlier start of this worker made.
   *
   * @param {Request} request
   * @param {import('./link.js').Link} link
   */
  resume(request, link) {
    this.#resume(this.#keep(link, request, false));
  }

  /**
   * Has the bridge that there is now keep a connection that was made over another.
   *
   * @param {number} attempt
   */
  #resume(attempt) {
    this.#port?.postMessage({type: 'resume', attempt, ...this.#kept.get(attempt)?.request});
  }

  /** Makes sure that the services can reach this client. */
  open() {
    if (!this.#port) this.#open();
  }

  /**
   * @param {import('./link.js').Link} link
   * @param {Request} request
   * @param {boolean} undecided
   */
  #keep(link, request, undecided) {
    this.#keepalive ??= setInterval(() => this.#lookAfter(), KEEPALIVE);
    const attempt = ++this.#attempts;
    /** @type {Kept} */
    const kept = {link, request, undecided, started: performance.now(), until: undecided ? SETTLE : Infinity};
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
      if (isNews) this.#post({type: 'met', attempt, context});
      this.#met = context;
      hello(context);
    };
    link.onasked = () => checkBridge(this.#origin);
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
   */
  #bring(attempt, message) {
    const {port1, port2} = new MessageChannel();
    this.#post(message, [port2]);
    this.#kept.get(attempt)?.link.entangle(port1);
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
    // This one has not been told.
    this.#met = '';
    port1.onmessage = ({data}) => this.#receive(data);
    end.signal.addEventListener('abort', () => {
      port1.onmessage = null;
      port1.close();
      this.#port = undefined;
    });
    // What is posted until the bridge listens waits in the port.
    openBridge(this.#origin, port2, end.signal, () => this.#lose());
    for (const [attempt, {link, undecided}] of this.#kept) {
      if (undecided) {
        this.#attempt(attempt);
        continue;
      }
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
      this.#kept.forEach(({link}) => link.stopped(data.context));
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
    for (const [attempt, kept] of this.#kept) {
      const {link} = kept;
      if (--kept.until < 0) link.lose();
      else if (link.used) attempts.push(attempt);
      // Firefox, when it is busy, has been seen to lose the first hello.
      else if (link.outstanding || kept.until < Infinity) link.insist();
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
    if (this.#kept.size === 0) this.leave();
  }

  /**
   * The bridge can't be reached. Attempts fail, at the times at which a service would have refused them; connections
   * wait, and try again when they need to.
   */
  #fail() {
    this.#end.abort();
    this.#lost = 0;
    for (const kept of this.#kept.values()) {
      // What was on its way may have come by then, and been answered.
      const fail = () => kept.undecided && kept.link.lose();
      if (kept.undecided) setTimeout(fail, TICK - ((performance.now() - kept.started) % TICK));
    }
  }

  /** The bridge is gone: attempts are made again over another, and connections are taken up there. */
  #lose() {
    // Of those of service workers, the service knows more than a bridge that has gone. And a page that removes each of
    // them again has its way.
    if (kind === 'serviceworker' || ++this.#lost > MAX_LOST) return this.#fail();
    this.#end.abort();
    this.#open();
  }

  /** The page is left: what waits can't wait any more, nor what is posted from now on. */
  hurry() {
    this.#kept.forEach(({link}) => link.hurry());
  }

  /** Ends what went over the bridge, for the application to hear. */
  end() {
    this.#kept.forEach(({link}) => link.lose());
  }

  /** Nobody uses it any more; or the page may be shown again, and nothing of ours may hinder that. */
  leave() {
    clearInterval(this.#keepalive);
    this.#end.abort();
    if (bridges.get(this.#origin) === this) bridges.delete(this.#origin);
  }
}
