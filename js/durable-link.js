import {COMES_BACK, HERE, LAST_WORDS, RETRY_MAX, SILENCE} from './limits.js';
import {Link} from './link.js';

/**
 * The link of a context that the browser may stop: what can't be delivered now is kept where the next context finds it,
 * and posted there with who posted it first, so that the other end can tell what it has had.
 */
export class DurableLink extends Link {
  /**
   * Called with a message, once, whose delivery may outlast this context. Resolves, whatever happens, when that is
   * certain or can't be, in the order of the calls.
   *
   * @type {(message: any, kept: import('./link.js').Kept) => PromiseLike<void>}
   */
  onunsent = async () => {};
  /**
   * Called once, when this end has been closed and the other has yet to hear: it does when what this returns is over.
   *
   * @type {() => PromiseLike<void> | undefined}
   */
  onclosing = () => undefined;
  /**
   * Or else a stop has the next start handle it again; but what the same task has posted is on its way by then.
   *
   * @override
   * @protected
   */
  patience = 0;
  /** Or else a stop between two answers would lose the second: the first has confirmed the message. @override @protected */
  holds = true;

  #context;
  #peerSleeps;
  #untold;
  /** @type {MessagePort | undefined} the last that this was given */
  #entangled;
  /** The number of the last that was kept, or need not be. */
  #kept = 0;
  /** The last number under which one was. */
  #stored = 0;
  /** The last number up to which all are kept for certain, or can't be. */
  #safe = 0;
  /**
   * What may be confirmed once this is kept: while one message after the other is posted, all are never.
   *
   * @type {{peer: import('./link.js').Peer, received: number, stored: number} | undefined}
   */
  #due;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silenceTimer;

  /**
   * @param {string} context this end's
   * @param {boolean} peerSleeps whether the browser may stop the other end too while its connection lives
   * @param {boolean} untold whether nobody will say that it did, so that silence must be taken for it
   */
  constructor(context, peerSleeps, untold) {
    super(context, peerSleeps);
    this.#context = context;
    this.#peerSleeps = peerSleeps;
    this.#untold = untold;
  }

  /**
   * @override
   * @param {any} message
   * @param {Transferable[]} transfer
   * @param {import('./link.js').Kept} [kept]
   */
  post(message, transfer, kept) {
    if (kept) this.#stored = this.#safe = kept.stored;
    super.post(message, transfer, kept);
  }

  /** @override @protected */
  end() {
    const putDown = this.onclosing();
    this.forgettable = putDown !== undefined;
    const end = () => {
      this.forgettable = false;
      super.end();
    };
    if (putDown) putDown.then(end);
    else end();
  }

  /**
   * @override
   * @param {MessagePort} port
   */
  entangle(port) {
    // Who does not sleep has those, or will have them over the port before: the next context need not.
    if (!this.#peerSleeps) this.#kept = Math.max(this.#kept, this.first + this.posted - 1);
    super.entangle(port);
    this.#entangled = port;
  }

  /**
   * Asks the other end whether it is still there, over the port that it has listened to last: it is heard to answer.
   *
   * @returns {number} after how much silence it is not, in milliseconds
   */
  ask() {
    if (this.leaves) return LAST_WORDS;
    this.#entangled?.postMessage({type: 'there'});
    return this.#entangled ? HERE : COMES_BACK;
  }

  /** Takes no more messages: they are the next context's, to which they come again. What is posted still leaves. */
  retire() {
    const port = this.#entangled;
    const receive = /** @type {any} */ (port?.onmessage);
    if (port) {
      port.onmessage = (event) => Array.isArray(event.data) || receive(event);
      // Nor those that can't be read: to count them would confirm what it has not taken.
      port.onmessageerror = null;
    }
    this.entangle = (port) => port.close();
  }

  /**
   * @override
   * @protected
   * @param {boolean} late
   */
  keep(late) {
    // Nor can what waits behind what is kept; and where nobody tells of a stop, both ends may be stopped before either is
    // missed.
    if (this.#untold || this.unconfirmed[this.posted]?.kept || late) this.#keepAll();
    if (this.#untold) this.#listen();
  }

  #keepAll() {
    for (let i = Math.max(0, this.#kept + 1 - this.first); i < this.unconfirmed.length; i++) {
      const entry = this.unconfirmed[i];
      this.#kept = this.first + i;
      // What has been posted with its transferables is not here any more.
      if (entry.kept || entry.spent || entry.close) continue;
      const stored = ++this.#stored;
      entry.kept = {stored, context: this.#context, number: this.#kept};
      this.onunsent(entry.message, entry.kept).then(() => {
        this.#safe = Math.max(this.#safe, stored);
        this.acknowledge();
      });
    }
  }

  /**
   * Not before what this may have been answered with is the other end's too, or kept: a stop would lose that.
   *
   * @override
   * @protected
   * @param {import('./link.js').Peer} peer
   * @param {number} [posting]
   */
  confirmable(peer, posting = 0) {
    // Nor what is just being handled: more answers may follow the one that leaves.
    const received = peer.received - (this.handling ? 1 : 0);
    if (this.#peerSleeps ? this.#safe === this.#stored : this.posted + posting >= this.unconfirmed.length) {
      this.#due = undefined;
      return (peer.confirmed = Math.max(peer.confirmed, received));
    }
    const due = this.#due;
    if (due && this.#safe >= due.stored) {
      due.peer.confirmed = Math.max(due.peer.confirmed, due.received);
      this.#due = undefined;
    }
    // What is posted now may not be the last answer to the last that was received.
    if (this.#peerSleeps) this.#due ??= {peer, received: received - posting, stored: this.#stored};
    return peer.confirmed;
  }

  /**
   * Takes a silence after a message for the other end's sleep. It may only be slow: what is much comes again on the next
   * port, and must be given the time that it takes.
   *
   * @param {number} [silence]
   */
  #listen(silence = SILENCE) {
    const {first} = this;
    this.#silenceTimer ??= setTimeout(() => {
      this.#silenceTimer = undefined;
      if (!this.outstanding) return;
      const silent = this.first === first;
      if (silent) this.insist();
      this.#listen(silent ? Math.min(2 * silence, RETRY_MAX) : SILENCE);
    }, silence);
  }

  /** @override @protected */
  release() {
    clearTimeout(this.#silenceTimer);
    super.release();
  }
}
