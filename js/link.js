import {isMessage} from './shape.js';
import {moreThan} from './errors.js';
import {
  ACK_DELAY,
  ACK_EVERY,
  BATCH,
  CROWD,
  HOLD,
  LIGHT,
  MAX_UNDERWAY,
  MAX_WAITING,
  MESSAGE_SIZE,
  PEERS,
  PREVIOUS_PORTS,
  PROOF,
  RETRY_FIRST,
  RETRY_MAX,
  WINDOW,
} from './limits.js';
import {copyMessage, recycle, sizeOf, sizeOfPlain} from './copy.js';

/**
 * What waits until the other end has confirmed it. A message that carries transferables is gone from here once
 * posted, so it leaves only towards an end that has just shown that it lives.
 *
 * @typedef {object} Waiting
 * @property {any} message a copy
 * @property {number} size
 * @property {Transferable[]} [transfer]
 * @property {Peer} [spent] posted to this one with its transferables: if that has ended, it is lost
 * @property {Kept} [kept] where it may outlast this context
 * @property {[context: string, number: number]} [origin] where an earlier context has posted it
 * @property {boolean} [light] may travel with others that are
 * @property {boolean} [close] this is the last: not a message, but the end
 */

/**
 * A message that may outlast its context, as it is kept: under a number that grows, with the context that posted it and
 * the number that it had there.
 *
 * @typedef {{stored: number, context: string, number: number}} Kept
 */

/** What a message came with. @typedef {{readonly ports: readonly MessagePort[]}} Carrier */

/**
 * One end of a connection, over a MessagePort that may be replaced: browsers stop service workers and their ports
 * with them. Messages are numbered, kept until confirmed, and sent again over the next port.
 *
 * On the wire, `[number, confirmed, message]` is a message, with `[context, number]` for `confirmed` where an earlier
 * context posted it. Many of them travel together, `[number, confirmed, ...messages]`, where a 0 has come before.
 * `[number, confirmed]` is the end, `[number]` stands for a message that was lost, a bare number is a confirmation, and
 * objects are the rest; `hello` comes first on every port. A message that can't be read there has its number from its
 * place: where that is not one more than the last on the port, or 1, a negative number comes first that says what it is.
 *
 * Numbers belong to the context that counts. One that starts anew says hello with a new id, so that what the dead
 * one still had on its way is neither lost nor taken for the new one's. For the same reason nothing but hello is
 * posted on a port before the other end has said hello there.
 */
export class Link {
  /** Called with every message, in order. @type {(data: any, carrier: Carrier) => void} */
  onmessage = () => {};
  /** Called when a message could not be deserialized. @type {(carrier: Carrier) => void} */
  onmessageerror = () => {};
  /** Called when the other end says hello: it lives, and has this port. @type {(context: string) => void} */
  onhello = () => {};
  /** Called once, when the other end has closed or is gone. */
  onclose = () => {};
  /** Called when the link needs a new port; answered by `entangle`. */
  onneed = () => {};
  /** Called when the other end asks whether this one is still there: who should have told it so is not. */
  onasked = () => {};
  /** Called when the messages kept up to such a number have been delivered. @type {(stored: number) => void} */
  onsent = () => {};
  /** Called once, when nothing is left to do. */
  onrelease = () => {};
  /**
   * Called when the other end has closed, and this end has been released: what has to be done before that is confirmed.
   *
   * @type {(() => PromiseLike<void>) | undefined}
   */
  onconclude;

  /** Whether anything was heard since this was last set to false: who only posts may post to nobody. */
  used = false;
  /** Whether the other end has said that it leaves its page. @protected */
  leaves = false;

  /** How long what was received may wait for an answer that confirms it, in milliseconds. @protected */
  patience = ACK_DELAY;
  /** Whether what is posted while a message is handled leaves when it has been, as one. @protected */
  holds = false;
  /** Whether such a message is just being handled. @protected */
  handling = false;
  /** Whether a next start of this end would not know yet that it was closed. @protected */
  forgettable = false;

  #context;
  /** @type {MessagePort | undefined} where messages go */
  #port;
  /** @type {MessagePort[]} ports before, the last first, on which late messages may still arrive */
  #previous = [];
  /** Who has said hello on the port. @type {Peer} */
  #peer = NOBODY;
  /** Those heard of last, the latest first. @type {Peer[]} */
  #peers = [];
  /** The context that ended last, as far as we were told. */
  #stopped = '';
  /** Oldest first. @protected @type {Waiting[]} */
  unconfirmed = [];
  /** The number of the first that waits. @protected */
  first = 1;
  /** How many of those have been posted on the current port. @protected */
  posted = 0;
  /** The number of the last that was posted on the current port. */
  #last = 0;
  /** Whether the other end of the current port is ready for messages that travel together. */
  #together = false;
  /** Since when what is posted waits for company, if it does. */
  #held = 0;
  /** In bytes. */
  #waiting = 0;
  /** When the other end last said hello on the current port. */
  #proof = -Infinity;
  #peerSleeps;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #ackTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** Whether a port is needed for what the other end has, until that says hello. */
  #insists = false;
  #closing = false;
  /** Whether nothing may wait. */
  #hurries = false;
  #released = false;

  /**
   * @param {string} context this end's
   * @param {boolean} peerSleeps whether the browser may stop the other end while its connection lives
   */
  constructor(context, peerSleeps) {
    this.#context = context;
    this.#peerSleeps = peerSleeps;
  }

  /** Bytes, roughly, that wait to be confirmed, at most `MAX_WAITING` and one message. */
  get bufferedAmount() {
    return this.#waiting;
  }

  /** Whether there are messages that the other end has not confirmed. */
  get outstanding() {
    return this.unconfirmed.length > 0;
  }

  /** Whether some of them have nobody that they could be posted to. */
  get waits() {
    return this.outstanding && !this.#greeted;
  }

  /**
   * @param {any} message
   * @param {Transferable[]} transfer
   * @param {Kept} [kept] where an earlier context has posted it
   * @throws {DOMException} `DataCloneError`; `QuotaExceededError` when too much waits
   */
  post(message, transfer, kept) {
    if (this.#closing || this.#released) {
      structuredClone(message, {transfer});
      return;
    }
    // What is kept has been accepted before.
    if (!kept && this.#waiting >= MAX_WAITING) throw moreThan(MAX_WAITING, 'bytes of messages');
    /** @type {Waiting} */
    const entry = {message: undefined, size: 0, kept, origin: kept && [kept.context, kept.number]};
    if (transfer.length === 0) {
      entry.message = copyMessage(message);
      entry.size = sizeOfPlain(entry.message);
      entry.light = !kept && entry.size < LIGHT;
    } else if (
      ArrayBuffer.isView(message) &&
      this.posted === this.unconfirmed.length &&
      this.posted < MAX_UNDERWAY &&
      this.#mayTransfer
    ) {
      // Serializing it runs nothing of the application's, and nothing waits to leave: it may at once, as it is.
      entry.size = sizeOf(message);
      this.#send((entry.spent = this.#peer), [message], transfer);
    } else Object.assign(entry, structuredClone({message, transfer}, {transfer}));
    if (!entry.light && !entry.spent) entry.size = sizeOf(entry.message);
    this.#push(entry);
  }

  /** Closes this end; the other end is told after everything posted before. */
  close() {
    if (this.#closing || this.#released) return;
    this.#closing = true;
    this.end();
  }

  /** Tells the other end that this one was closed. @protected */
  end() {
    if (!this.#released) this.#push({message: undefined, size: 0, close: true});
  }

  /** This context is about to end: what waits leaves now, and what is posted from now on leaves at once. */
  hurry() {
    this.#hurries = true;
    if (this.#port) this.#port.postMessage({type: 'leave'});
    else if (this.outstanding) this.onneed();
    this.#flush();
  }

  /** The other end is gone, or nobody wants it any more. */
  lose() {
    if (this.#released) return;
    // The other end may live, or be about to begin: perhaps only a bridge has gone, which its page has removed.
    this.#port?.postMessage({type: 'close'});
    this.release();
    if (!this.#closing) this.onclose();
  }

  /**
   * Replaces the port. What waits is sent again.
   *
   * @param {MessagePort} port fresh, and from now on the link's own
   */
  entangle(port) {
    if (this.#released) {
      port.postMessage({type: 'close'});
      port.close();
      return;
    }
    this.#disentangle();
    this.#port = port;
    /** @type {Peer | undefined} who speaks on this port */
    let peer;
    /** The number of the last message on this port. */
    let last = 0;
    /** Where the next message is in what was received last, which may hold several, and where they end. */
    let at = 0;
    let end = 0;
    /** How many listeners there are for those, besides the first. */
    let listeners = 0;
    /** @param {MessageEvent} event */
    const next = (event) => {
      if (at < end) this.#receive(/** @type {Peer} */ (peer), ++last, event.data, NO_PORTS, at++);
      else {
        event.stopImmediatePropagation();
        this.#letGo();
      }
    };
    port.onmessage = (event) => {
      const {data} = event;
      end = 0;
      // Messages first: there are many of them, and none may wait for the rest.
      if (peer && Array.isArray(data) && typeof data[0] === 'number') {
        at = 3;
        end = data.length;
        if (at < end && listeners) this.#hold();
        this.#receive(peer, (last = data[0]), data, event);
      } else if (typeof data === 'number') {
        if (data < 0) last = -data - 1;
        this.#confirm(data);
        // Browsers run microtasks after each listener, as they do between messages.
        while (data === 0 && listeners++ < BATCH) port.addEventListener('message', (event) => next(event));
      } else {
        if (isMessage(data, 'leave')) this.leaves = true;
        else this.used = true;
        if (isMessage(data, 'hello', {context: 'string'})) peer = this.#greet(port, data.context);
        else if (isMessage(data, 'close')) this.lose();
        else if (isMessage(data, 'there')) {
          port.postMessage({type: 'here'});
          this.onasked();
        }
      }
    };
    // Received all the same: it would come again and again, and be no different.
    port.onmessageerror = (event) => peer && this.#receive(peer, ++last, [], event);
    port.postMessage({type: 'hello', context: this.#context});
    if (this.#hurries) port.postMessage({type: 'leave'});
    this.#tryAgain(RETRY_FIRST);
    this.#flush();
  }

  /**
   * The context on the other side has ended. If that was the one we speak to, the next message needs a new port.
   *
   * @param {string} context
   */
  stopped(context) {
    this.#stopped = context;
    if (this.#peer.context !== context) return;
    this.#disentangle();
    if (this.outstanding) this.#need();
  }

  /** Asks for a new port although the present one may work: the other end owes a confirmation for too long. */
  insist() {
    this.#proof = -Infinity;
    this.#insists = true;
    this.keep(true);
    this.#need();
  }

  /** @param {Waiting} entry */
  #push(entry) {
    this.unconfirmed.push(entry);
    this.#waiting += MESSAGE_SIZE + entry.size;
    this.keep(!this.#greeted);
    if (!this.#greeted) this.#need();
    if (!entry.spent && !this.handling) this.#depart();
  }

  /** Posts what waits, or lets it wait for company where many are on their way. */
  #depart() {
    if (this.#hurries || (!this.#held && this.posted < CROWD)) {
      this.#flush();
      return;
    }
    if (!this.#held) queueMicrotask(() => this.#letGo());
    this.#hold();
  }

  /** Lets what is posted wait for company, but not what has waited long enough. */
  #hold() {
    const now = performance.now();
    if (now - this.#held < HOLD) return;
    this.#held = now;
    this.#flush();
  }

  #letGo() {
    this.#held = 0;
    this.#flush();
  }

  /**
   * What waits has become more, or late.
   *
   * @protected
   * @param {boolean} _late whether it can't be delivered now
   */
  keep(_late) {}

  /** Whether the other end has said hello on the port. */
  get #greeted() {
    return this.#peer !== NOBODY;
  }

  /** Whether the other end is certain to live. */
  get #mayTransfer() {
    return this.#greeted && (!this.#peerSleeps || performance.now() - this.#proof <= PROOF);
  }

  /** Posts what has not been posted on this port yet, as far as that is safe; or all of it, if there is no other time. */
  #flush() {
    const last = this.#hurries;
    if (!this.#greeted && !last) return;
    const peer = this.#peer;
    while (this.#port && this.posted < this.unconfirmed.length) {
      const entry = this.unconfirmed[this.posted];
      // So much the next start of the other end may get again, or of this one send. Nothing else bounds what is on its way.
      if (this.posted >= WINDOW && (this.#peerSleeps || entry.kept) && !last) return;
      if (entry.transfer && !last && !this.#mayTransfer) {
        this.#need();
        return;
      }
      // Who lives has it, or will have it over the port before; what follows must not overtake it.
      if (entry.spent === peer) return;
      if (entry.spent) this.#send(peer);
      else if (entry.close) this.#send(peer, []);
      else {
        const messages = [entry.message];
        const end = entry.light ? Math.min(this.posted + BATCH, WINDOW) : 0;
        for (const next of this.unconfirmed.slice(this.posted + 1, end)) {
          if (!next.light) break;
          messages.push(next.message);
        }
        this.#send(peer, messages, entry.transfer, entry.origin);
        if (entry.transfer) {
          entry.spent = peer;
          entry.transfer = entry.message = undefined;
        }
      }
    }
  }

  /**
   * Posts the next that wait.
   *
   * @param {Peer} peer
   * @param {any[]} [messages] none are the end; without any, one was lost
   * @param {any} [transfer]
   * @param {Waiting['origin']} [origin]
   */
  #send(peer, messages, transfer, origin) {
    const port = /** @type {MessagePort} */ (this.#port);
    const count = messages?.length || 1;
    const number = this.first + this.posted;
    if (count > 1 && !this.#together) {
      this.#together = true;
      port.postMessage(0);
    }
    if (number !== this.#last + 1) port.postMessage(-number);
    this.#last = number + count - 1;
    port.postMessage(messages ? [number, origin ?? this.confirmable(peer, count), ...messages] : [number], transfer);
    // Not if that has thrown, as it may with transferables.
    this.posted += count;
  }

  /**
   * The number of the last message that may be confirmed, and now is.
   *
   * @protected
   * @param {Peer} peer
   * @param {number} [_posting] how many messages are just about to be posted
   */
  confirmable(peer, _posting) {
    return (peer.confirmed = peer.received);
  }

  /**
   * @param {Peer} peer
   * @param {number} number
   * @param {unknown[]} data
   * @param {Carrier} carrier
   * @param {number} [at] where in data the message is
   */
  #receive(peer, number, data, carrier, at = 2) {
    /** @type {any} who knows what, unless it is a number */
    const confirmed = data[1];
    if (this.#released) return;
    if (typeof confirmed === 'number') this.#confirm(confirmed);
    if (!(number > peer.received)) return;
    // It is the next start's, if that has the port again.
    if (this.forgettable && data.length !== 2) return;
    peer.received = number;
    this.used = true;
    if (data.length === 2) {
      this.#conclude(number);
      return;
    }
    try {
      // Last words may come late: a next start has posted them meanwhile.
      if (this.#closing || number <= peer.repeated) return;
      this.handling = this.holds;
      if (data.length < 2) this.onmessageerror(carrier);
      else if (typeof confirmed?.[1] !== 'number' || this.#isNew(confirmed[0], confirmed[1])) {
        this.onmessage(data[at], carrier);
      }
    } finally {
      // Not before it has been handled: a context may end in the middle of it. An answer has confirmed it by now.
      this.handling = false;
      if (this.holds && this.#greeted) this.#depart();
      const owed = number - peer.confirmed;
      if (owed >= ACK_EVERY) this.acknowledge();
      else if (owed > 0 && !this.#released) this.#ackTimer ??= setTimeout(() => this.acknowledge(), this.patience);
    }
  }

  /**
   * The other end has closed. It keeps that in mind until it is confirmed, and says it to the next start of this end.
   *
   * @param {number} number of the end
   */
  #conclude(number) {
    const port = this.#greeted ? this.#port : undefined;
    const confirm = () => port?.postMessage(number);
    if (!this.onconclude || !port) {
      confirm();
      this.lose();
      return;
    }
    this.#port = undefined;
    this.lose();
    const confirmed = () => {
      confirm();
      port.close();
    };
    this.onconclude().then(confirmed, confirmed);
  }

  /**
   * Whether a message comes for the first time, which an earlier context of the other end may have posted.
   *
   * @param {any} context a string, unless the other end makes things up
   * @param {number} number
   */
  #isNew(context, number) {
    const peer = this.#peerOf(context);
    if (peer.received >= number || peer.repeated >= number) return false;
    peer.repeated = number;
    return true;
  }

  /** @param {string} context */
  #peerOf(context) {
    let peer = this.#peers.find((peer) => peer.context === context);
    if (!peer) this.#peers = [(peer = newPeer(context)), ...this.#peers].slice(0, PEERS);
    return peer;
  }

  /** @protected */
  acknowledge() {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    const peer = this.#peer;
    if (this.#greeted && peer.confirmed < this.confirmable(peer)) this.#port?.postMessage(peer.confirmed);
  }

  /** @param {number} number the other end has this message and all before */
  #confirm(number) {
    // Not more than was sent: the number comes from another origin.
    const count = Math.min(number - this.first + 1, this.unconfirmed.length);
    /** @type {Kept | undefined} */
    let kept;
    if (!(count > 0)) return;
    this.used = true;
    for (const entry of this.unconfirmed.splice(0, count)) {
      this.#waiting -= MESSAGE_SIZE + entry.size;
      this.first++;
      // A late confirmation may be for what has not been posted again yet.
      if (this.posted > 0) this.posted--;
      if (entry.kept) kept = entry.kept;
      else recycle(entry.message);
      if (entry.close) this.release();
    }
    // Something may have waited for a message that was spent.
    this.#flush();
    // And a confirmation for what waited to leave: nothing else would bring it now.
    if (!this.#ackTimer) this.acknowledge();
    if (kept) this.onsent(kept.stored);
  }

  /**
   * @param {MessagePort} port
   * @param {string} context
   * @returns {Peer} whose numbers count on this port from now on
   */
  #greet(port, context) {
    const isFirst = this.#peers.length === 0;
    // On a replaced port too: what came over that must not come again over the next.
    const peer = this.#peerOf(context);
    // Its last words may come after the word of its end.
    if (port !== this.#port || context === this.#stopped) {
      // The application must be there for what follows.
      if (isFirst) this.onhello(context);
      return peer;
    }
    this.#peer = peer;
    this.#insists = false;
    this.#proof = performance.now();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.onhello(context);
    // A confirmation may have been lost with a port.
    peer.confirmed = 0;
    this.#flush();
    this.acknowledge();
    return peer;
  }

  /** @param {number} [delay] until the next try, should this one fail */
  #need(delay = RETRY_FIRST) {
    if (this.#retryTimer || this.#released) return;
    this.#tryAgain(delay);
    this.onneed();
  }

  /** @param {number} delay until a port is needed, unless there is a hello on the present one */
  #tryAgain(delay) {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined;
      if (this.outstanding || this.#insists) this.#need(Math.min(2 * delay, RETRY_MAX));
    }, delay);
  }

  /** @param {number} [kept] how many ports that were replaced are still listened to */
  #disentangle(kept = PREVIOUS_PORTS) {
    this.posted = this.#last = 0;
    this.#together = false;
    this.#proof = -Infinity;
    this.#peer = NOBODY;
    if (this.#port) this.#previous.unshift(this.#port);
    this.#port = undefined;
    for (const port of this.#previous.splice(kept)) {
      // In Firefox, what was posted before may come after that.
      port.onmessage = null;
      port.close();
    }
  }

  /** @protected */
  release() {
    if (this.#released) return;
    this.#released = true;
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#retryTimer);
    this.#disentangle(0);
    this.unconfirmed = [];
    this.#waiting = 0;
    this.onrelease();
  }
}

/**
 * @param {string} context
 * @returns {Peer}
 */
const newPeer = (context) => ({context, received: 0, confirmed: 0, repeated: 0});

/** What messages come with that travel together, but for the first. @type {Carrier} */
const NO_PORTS = {ports: Object.freeze([])};

/** From whom nothing is received. */
const NOBODY = newPeer('');

/**
 * The other end as one of its contexts knows itself.
 *
 * @typedef {object} Peer
 * @property {string} context
 * @property {number} received the number of its last message
 * @property {number} confirmed what we told it about that
 * @property {number} repeated the number there of the last message of its that a later one has posted for it
 */
