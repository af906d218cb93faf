import {SILENCE} from './limits.js';
import {Link} from './link.js';

/**
 * The link of a context that the browser may stop: what can't be delivered now is kept where the next context finds it,
 * and posted there with who posted it first, so that the other end can tell what it has had.
 */
export class DurableLink extends Link {
  /**
   * Called with a message, once, whose delivery may outlast this context. Resolves, whatever happens, when that is
   * certain or can't be.
   *
   * @type {(message: any, kept: import('./link.js').Kept) => PromiseLike<void>}
   */
  onunsent = async () => {};

  #context;
  #peerSleeps;
  #untold;
  /** The number of the last that was kept, or need not be. */
  #kept = 0;
  /** The last number under which one was. */
  #stored = 0;
  /** How many are not kept for certain yet. */
  #keeping = 0;
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
    if (kept) this.#stored = kept.stored;
    super.post(message, transfer, kept);
  }

  /**
   * @override
   * @param {MessagePort} port
   */
  entangle(port) {
    // Who does not sleep has those, or will have them over the port before: the next context need not.
    if (!this.#peerSleeps) this.#kept = Math.max(this.#kept, this.first + this.posted - 1);
    super.entangle(port);
  }

  /**
   * @override
   * @protected
   * @param {boolean} late
   */
  keep(late) {
    // Where nobody tells of a stop, both ends may be stopped before either is missed.
    if (late || this.#untold) this.#keepAll();
    if (this.#untold) this.#listen();
  }

  #keepAll() {
    for (let i = Math.max(0, this.#kept + 1 - this.first); i < this.entries.length; i++) {
      const entry = this.entries[i];
      this.#kept = this.first + i;
      // What has been posted with its transferables is not here any more.
      if (entry.kept || entry.spent || entry.close) continue;
      entry.kept = {stored: ++this.#stored, context: this.#context, number: this.#kept};
      this.#keeping++;
      this.onunsent(entry.message, entry.kept).then(() => {
        if (--this.#keeping === 0) this.acknowledge();
      });
    }
  }

  /**
   * Not before what this may have been answered with is the other end's too, or kept: a stop would lose that.
   *
   * @override
   * @protected
   * @param {import('./link.js').Peer} peer
   */
  confirmable(peer) {
    const safe = this.#peerSleeps ? this.#keeping === 0 : this.posted >= this.entries.length;
    return safe ? super.confirmable(peer) : peer.confirmed;
  }

  /** Takes a silence after a message for the other end's sleep. */
  #listen() {
    const {first} = this;
    this.#silenceTimer ??= setTimeout(() => {
      this.#silenceTimer = undefined;
      if (!this.waiting) return;
      if (this.first === first) this.insist();
      this.#listen();
    }, SILENCE);
  }

  /** @override @protected */
  release() {
    clearTimeout(this.#silenceTimer);
    super.release();
  }
}
