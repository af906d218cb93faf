/**
 * The bridge: what runs in a window of the service's origin, the hidden frame or the page itself, and brings a
 * client's ports to the service worker. See architecture.md, "Connecting".
 */
import {
  ANSWER,
  KEEPALIVE,
  LAST_WORDS,
  LOST_TRIES,
  MAX_CONNECTIONS,
  MAX_PENDING,
  MAX_URL,
  TICK,
  TOGETHER,
  WORKER_START,
} from './limits.js';
import {bound} from './bound.js';
import {lastWords} from './last-words.js';
import {GONE, PROTOCOL, isMessage, isUUID} from './shape.js';
import {gone} from './context.js';
import {currentHousehold} from './household.js';
import {dropPort, exists, hasUnsent, loadPort, serviceEnd} from './store.js';
import {matchRegistration, matchService} from './match.js';
import {keepAwake, registrationOf, takenOver, tellKnownWorker, tellWorker} from './registrations.js';

/**
 * An attempt or the connection that came of it, under the number the loader gave it. The connection's UUID is
 * known to its two ends only: knowing it, and coming from the same origin, is what lets a client take a connection up
 * again over another bridge.
 *
 * @typedef {object} Kept
 * @property {string} connection
 * @property {string} scope of the service's registration, once it has accepted
 * @property {boolean} hasStopped whether a start of its worker has ended: it may sleep, or be waking
 * @property {Promise<void>} found resolves when `scope` is known
 * @property {() => void} resolveFound
 * @property {AbortController} [end] of the attempt; a connection has none, since Firefox looks through a window's signals
 * @property {boolean} fleeting whether the service's end may not outlive this start of its worker
 * @property {Promise<void>} met resolves when the client says that the service has said hello
 * @property {() => void} resolveMet
 * @property {MessagePort} [fresh] the last that the client has given, until the service has it
 * @property {boolean} [asked] whether the start that took the attempt has ended, and the next told what became of it
 */

/** What a service worker says of an attempt. @typedef {{context: string, accepted: boolean, name: string, fleeting: boolean}} Answer */

/** Serves one client over one control port. */
export class Bridge {
  #port;
  #origin;
  #sameOrigin;
  #kind;
  #onneed;
  #signal;
  #household = currentHousehold();
  /** @type {Map<number, Kept>} */
  #kept = new Map();
  /** The workers whose end may be that of their registration. @type {WeakSet<ServiceWorker>} */
  #watched = new WeakSet();
  /**
   * Those that wait for an answer, or for the tick on which they are told of none; times in milliseconds.
   *
   * @type {Set<{started: number, decided: boolean}>}
   */
  #pending = new Set();
  /** What may have to tell a service yet that the client is gone. @type {Set<Promise<void>>} */
  #telling = new Set();
  /** Whether the client has said anything since this was last set to false. */
  used = false;
  /** Resolves when the client has left, and all are told who must be. @type {Promise<void>} */
  left;

  /**
   * @param {MessagePort} port the control port
   * @param {string} origin the client's, from the browser
   * @param {import('./protocol.js').ClientKind} kind
   * @param {AbortSignal} signal the client is gone, or has lost interest
   * @param {import('./courier.js').OnNeed} onneed
   */
  constructor(port, origin, kind, signal, onneed) {
    this.#port = port;
    this.#origin = origin;
    this.#kind = kind;
    this.#onneed = onneed;
    this.#signal = signal;
    this.#sameOrigin = origin === location.origin;
    port.onmessage = ({data, ports}) => this.#receive(data, ports);
    const keeper = {
      /** @param {string} connection */
      needed: (connection) => this.#needed(connection),
      /** @param {string} context @param {string} scope */
      stopped: (context, scope) => this.#stopped(context, scope),
    };
    const {keepers} = this.#household.registry;
    keepers.add(keeper);
    addEventListener('pagehide', () => this.#leave(), {signal});
    const end = async () => {
      // What the last start of it has asked for may still be on its way.
      if (signal.reason === GONE) await lastWords([this]);
      keepers.delete(keeper);
      port.close();
      for (const [attempt, kept] of this.#kept) {
        if (kept.scope && !this.#resumes) this.#stayFor(this.#tellLost(kept));
        this.#end(attempt);
      }
      await Promise.allSettled(this.#telling);
    };
    this.left = new Promise((resolve) => signal.addEventListener('abort', () => resolve(end())));
  }

  /** The context whose lock tells that the client is alive. A service worker sleeps and lives on: none does. */
  get #client() {
    return this.#kind === 'serviceworker' ? '' : this.#household.context.id;
  }

  /** Whether the client may come back: a service worker's connections outlive its starts, but not its registration. */
  get #resumes() {
    return this.#kind === 'serviceworker' && this.#signal.reason !== GONE;
  }

  /**
   * @param {any} data
   * @param {readonly MessagePort[]} ports
   */
  #receive(data, [port]) {
    this.used = true;
    if (
      isMessage(data, 'connect', {
        attempt: 'number',
        connection: 'string',
        targetURL: 'string',
        installWorker: 'boolean',
      })
    ) {
      if (port && isUUID(data.connection) && !this.#kept.has(data.attempt)) this.#connect(data, port);
    } else if (isMessage(data, 'entangle', {attempt: 'number'})) {
      if (port) this.#entangle(data.attempt, port);
    } else if (isMessage(data, 'resume', {attempt: 'number', connection: 'string', targetURL: 'string'})) {
      if (!this.#kept.has(data.attempt) && this.#kept.size < MAX_CONNECTIONS) {
        this.#stayFor(this.#resume(data));
      }
    } else if (isMessage(data, 'met', {attempt: 'number', context: 'string'})) {
      this.#meet(data.attempt, data.context);
    } else if (isMessage(data, 'close', {attempt: 'number'})) {
      this.#end(data.attempt);
    } else if (isMessage(data, 'giveup', {attempt: 'number'})) {
      this.#giveUp(data.attempt);
    } else if (isMessage(data, 'keepalive') && Array.isArray(data.attempts)) {
      this.#keepAlive(data.attempts);
    }
  }

  /**
   * @param {number} attempt
   * @param {string} connection
   * @returns {Kept}
   */
  #keep(attempt, connection) {
    let resolveFound = () => {};
    let resolveMet = () => {};
    /** @type {Promise<void>} */
    const found = new Promise((resolve) => (resolveFound = resolve));
    /** @type {Promise<void>} */
    const met = new Promise((resolve) => (resolveMet = resolve));
    const kept = {connection, scope: '', hasStopped: false, found, resolveFound, met, resolveMet, fleeting: false};
    this.#kept.set(attempt, kept);
    return kept;
  }

  /** @param {number} attempt that its client waits for no more: a service that has accepted it meanwhile must hear so */
  #giveUp(attempt) {
    const kept = this.#kept.get(attempt);
    this.#end(attempt);
    if (kept?.scope) this.#stayFor(this.#tellLost(kept));
  }

  /** @param {Promise<void>} telling what has to be done even if the client leaves meanwhile */
  #stayFor(telling) {
    const over = telling.finally(() => this.#telling.delete(over));
    this.#telling.add(over);
  }

  /** @param {number} attempt that is over, or whose connection is */
  #end(attempt) {
    const kept = this.#kept.get(attempt);
    if (!kept) return;
    this.#kept.delete(attempt);
    this.#household.registry.forget(kept.connection);
    kept.end?.abort();
  }

  /**
   * The registry hears of a connection, or an attempt, that may come to something.
   *
   * @param {string} connection
   * @param {string} targetURL
   */
  #announce(connection, targetURL) {
    this.#household.registry.tell({type: 'connect', connection, origin: this.#origin, targetURL});
  }

  /**
   * The draft's "Connect algorithm".
   *
   * @param {import('./protocol.js').Attempt} attempt
   * @param {MessagePort} dataPort
   */
  async #connect({attempt, connection, targetURL, installWorker, again}, dataPort) {
    const kept = this.#keep(attempt, connection);
    const accepted = await this.#decide(kept, (signal) =>
      this.#offer(kept, signal, {targetURL, installWorker, again}, dataPort).catch((error) => {
        console.warn(`navigator-connect: connecting to ${targetURL} failed:`, error);
        return false;
      }),
    );
    if (this.#kept.get(attempt) !== kept) return;
    if (!accepted) {
      this.#lost(attempt);
      return;
    }
    this.#port.postMessage({type: 'connected', attempt});
    // The port that it was given has ended with the start that accepted.
    if (kept.asked) this.#port.postMessage({type: 'need', attempt});
  }

  /**
   * Another origin must not learn from the time it took, or from what counts as pending meanwhile, whether there is a
   * service that refused: failures wait for ticks. A busy service may need more than one, so what was attempted together
   * is told together.
   *
   * @template T
   * @param {Kept} kept
   * @param {(signal: AbortSignal) => Promise<T>} decide
   * @returns {Promise<T>} what it decided; nothing is a failure
   */
  async #decide(kept, decide) {
    const {signal} = (kept.end = new AbortController());
    const started = performance.now();
    const attempt = {started, decided: false};
    this.#pending.add(attempt);
    const over = () => {
      attempt.decided = true;
      this.#pending.delete(attempt);
    };
    // What was given up counts no more, and nobody waits for it.
    signal.addEventListener('abort', over);
    const outcome = await decide(signal);
    attempt.decided = true;
    if (!outcome && !this.#sameOrigin) {
      const together = [...this.#pending];
      const areDecided = () =>
        together.every(({started, decided}) => decided || performance.now() - started >= TOGETHER);
      do await new Promise((resolve) => setTimeout(resolve, TICK - ((performance.now() - started) % TICK)));
      while (!areDecided());
    }
    over();
    kept.end = undefined;
    return outcome;
  }

  /**
   * @param {Kept} kept
   * @param {AbortSignal} signal
   * @param {Pick<import('./protocol.js').Attempt, 'targetURL' | 'installWorker' | 'again'>} request
   * @param {MessagePort} dataPort
   * @returns {Promise<boolean>} whether the service accepted
   */
  async #offer(kept, signal, {targetURL, installWorker, again}, dataPort) {
    if (targetURL.length > MAX_URL) throw new Error(`the URL has more than ${MAX_URL} characters`);
    const url = new URL(targetURL);
    if (url.origin !== location.origin) return false;
    // The loader has checked that, but it is the client's.
    if (this.#pending.size > MAX_PENDING || this.#kept.size > MAX_CONNECTIONS) return false;
    const {connection} = kept;
    this.#announce(connection, targetURL);
    const {context} = this.#household;
    const [service] = await Promise.all([matchService(url, installWorker), context.lockHeld]);
    if (!service || signal.aborted) return false;
    const {port1, port2} = new MessageChannel();
    /** @type {import('./protocol.js').Offer} */
    const offer = {
      navigatorConnect: PROTOCOL,
      type: 'connect',
      connection,
      client: this.#client,
      origin: this.#origin,
      targetURL,
      again: again === true,
    };
    service.worker.postMessage(offer, [dataPort, port2]);
    // A service may take its time; the browser would stop it meanwhile.
    const awake = setInterval(() => keepAwake(service.scope), KEEPALIVE);
    let answer = await waitForAnswer(port1, signal, kept.met);
    // Its word may have ended with it on the way here, when the client had its port: the next start knows.
    if (answer === 'ended') {
      kept.asked = true;
      answer = await this.#ask(connection, signal, targetURL, LOST_TRIES);
    }
    clearInterval(awake);
    // It may accept yet, or just have, and a port that was closed on its way there tells it nothing.
    if (typeof answer !== 'object' && !(this.#signal.aborted && this.#resumes)) {
      const offered = {...kept, scope: service.scope};
      // Another version may be active by now. One without the loader would confirm nothing.
      if (answer) this.#stayFor(this.#tellLost(offered));
      else this.#tell(offered, 'lost');
      // Where its registration has gone meanwhile, there is no worker that could forget it.
      if (!(await registrationOf(service.scope))) await dropServiceEnd(connection);
    }
    if (typeof answer !== 'object' || !answer.accepted) return false;
    kept.fleeting = answer.fleeting;
    this.#find(kept, service.scope, answer.name);
    // The registry may have seen it end before it heard of the connection, and told nobody.
    this.#household.registry.meet(answer.context, service.scope);
    return true;
  }

  /**
   * Takes up a connection that was made over another bridge. Who asks for one that there is not learns no more than who
   * attempts to connect.
   *
   * @param {import('./protocol.js').Resume} resume
   */
  async #resume({attempt, connection, targetURL}) {
    const kept = this.#keep(attempt, connection);
    const own = await this.#decide(kept, async (signal) => {
      const stored = await loadPort(serviceEnd(connection)).catch(() => undefined);
      const asked = stored ? undefined : await this.#ask(connection, signal, targetURL);
      kept.fleeting = (stored?.closing || asked?.fleeting) ?? false;
      const found = stored ?? (asked?.accepted ? asked : undefined);
      return found?.origin === this.#origin ? found : undefined;
    });
    const registration = own && (await registrationOf(own.scope));
    if (own && !registration) {
      this.#unregistered(attempt, kept);
      return;
    }
    if (this.#kept.get(attempt) !== kept) {
      // Its end came before it was known whose this is.
      if (own && this.#signal.reason === GONE) await this.#tellLost({...kept, scope: own.scope});
      return;
    }
    if (!own) {
      this.#lost(attempt);
      return;
    }
    this.#announce(connection, targetURL);
    this.#find(kept, own.scope, own.name);
    kept.hasStopped = true; // For all that is known here.
    // While no bridge of its client's was open, the service may have tried to reach it, or have ended this; or is about
    // to, if it knows the client by a window that is gone, as it may where that is not stored.
    const known = 'client' in own ? own.client : undefined;
    if (kept.fleeting || known !== this.#client || (await mayHaveUnsent(connection)))
      this.#port.postMessage({type: 'need', attempt});
  }

  /**
   * What nothing is stored of yet may be an attempt that the service still thinks about; its worker knows.
   *
   * @param {string} connection
   * @param {AbortSignal} signal
   * @param {string} targetURL
   * @param {number} [tries] how many of its starts are asked, should each end before it knows
   * @returns {Promise<Answer & {origin: string, scope: string} | undefined>} what there is of the service's end
   */
  async #ask(connection, signal, targetURL, tries = Infinity) {
    // A URL that is none, or another origin's, has no registration; what no attempt may have, no connection has.
    if (targetURL.length > MAX_URL || this.#pending.size > MAX_PENDING) return undefined;
    const registration = await matchRegistration(targetURL);
    const origin = this.#origin;
    while (registration && !signal.aborted && tries-- > 0) {
      const {scope} = registration;
      const {port1, port2} = new MessageChannel();
      if (!(await tellWorker(scope, 'ask', {connection, origin}, [port2]))) break;
      const answer = await waitForAnswer(port1, signal);
      // Without an answer it has ended before it knew; its next start is asked.
      if (typeof answer === 'object') return {...answer, origin, scope};
    }
  }

  /**
   * The connection is to this registration.
   *
   * @param {Kept} kept
   * @param {string} scope
   * @param {string} name the service port's, where known
   */
  #find(kept, scope, name) {
    kept.scope = scope;
    kept.resolveFound();
    this.#household.registry.tell({type: 'answer', connection: kept.connection, scope, name});
  }

  /**
   * The registry must hear of every worker that holds an end, also of one that ended before the registry began.
   *
   * @param {number} attempt
   * @param {string} context
   */
  async #meet(attempt, context) {
    const kept = this.#kept.get(attempt);
    kept?.resolveMet();
    await kept?.found;
    if (!kept) return;
    // It runs.
    kept.hasStopped = false;
    this.#household.registry.meet(context, kept.scope);
  }

  /**
   * Brings a fresh port to the service's end of a connection, which also wakes its worker.
   *
   * @param {number} attempt
   * @param {MessagePort} port
   */
  async #entangle(attempt, port) {
    const kept = this.#kept.get(attempt);
    if (!kept) return;
    kept.fresh?.close();
    kept.fresh = port;
    await kept.found;
    // The hello on one that has been replaced meanwhile is no proof that the client lives, and listens there.
    if (kept.fresh !== port) return;
    kept.fresh = undefined;
    if (!(await this.#tell(kept, 'entangle', port))) this.#unregistered(attempt, kept);
  }

  /**
   * @param {Kept} kept
   * @param {'entangle' | 'lost'} type
   * @param {Transferable[]} transfer
   */
  #tell({connection, scope}, type, ...transfer) {
    return tellKnownWorker(scope, type, {connection, client: this.#client, origin: this.#origin}, transfer);
  }

  /**
   * The client is gone, and this window may live on: no lock tells. A worker that ends before it has put that down is
   * told again.
   *
   * @param {Kept} kept
   */
  async #tellLost(kept) {
    for (let tries = 0; tries < LOST_TRIES; tries++) {
      const {port1, port2} = new MessageChannel();
      if (!(await this.#tell(kept, 'lost', port2))) return;
      const answer = await waitForAnswer(port1);
      if (typeof answer === 'object') return;
    }
  }

  /**
   * @param {string} connection whose service has something to say
   * @returns {boolean} whether it is kept here
   */
  #needed(connection) {
    for (const [attempt, kept] of this.#kept) {
      if (kept.connection !== connection) continue;
      this.#port.postMessage({type: 'need', attempt});
      this.#onneed(false);
      return true;
    }
    return false;
  }

  /**
   * @param {string} context
   * @param {string} scope
   */
  async #stopped(context, scope) {
    for (const kept of this.#kept.values()) if (kept.scope === scope) kept.hasStopped = true;
    await takenOver(scope, this.#signal);
    this.#port.postMessage({type: 'stopped', context});
    const registration = await registrationOf(scope);
    if (registration) {
      this.#watchRegistration(registration);
      for (const kept of [...this.#kept.values()]) {
        if (kept.scope !== scope) continue;
        // The worker's next start says what has become of these, and what it has kept for those whose silence tells it
        // nothing.
        const isAwaited = kept.fleeting || (this.#kind === 'serviceworker' && (await mayHaveUnsent(kept.connection)));
        kept.fleeting = false;
        if (isAwaited) this.#needed(kept.connection);
      }
      return;
    }
    this.#loseRegistration(scope);
  }

  /**
   * A registration may be removed a moment after its worker has ended.
   *
   * @param {ServiceWorkerRegistration} registration
   */
  #watchRegistration({active, scope}) {
    if (!active || this.#watched.has(active)) return;
    this.#watched.add(active);
    const look = async () => {
      // Or else this worker has been replaced.
      if (active.state === 'redundant' && !(await registrationOf(scope))) this.#loseRegistration(scope);
    };
    active.addEventListener('statechange', look, {signal: this.#signal});
    look();
  }

  /** @param {string} scope of a registration that is gone */
  #loseRegistration(scope) {
    // Of an attempt, the registration is not known yet.
    for (const [attempt, kept] of this.#kept) if (scope && kept.scope === scope) this.#unregistered(attempt, kept);
  }

  /**
   * The registration is gone, and no worker will tidy up behind it. Its data may be gone as well.
   *
   * @param {number} attempt
   * @param {Kept} kept
   */
  async #unregistered(attempt, {connection}) {
    this.#lost(attempt);
    await dropServiceEnd(connection);
  }

  /**
   * There is no such service, or not any more.
   *
   * @param {number} attempt
   */
  #lost(attempt) {
    this.#end(attempt);
    this.#port.postMessage({type: 'lost', attempt});
  }

  /**
   * This window ends, and the client may live on: its page has removed the frame, or was a courier. Over another bridge,
   * it takes its connections up, and attempts again what is not decided.
   */
  #leave() {
    this.#port.postMessage({type: 'gone'});
    if (this.#kind !== 'serviceworker') this.#bequeath();
  }

  /**
   * What the client still says here goes to a worker that may sleep, and outlives this window: fresh ports for
   * connections that its end would cut off from last words. There is one such worker in all but rare cases. WebKit
   * crashes where a frame that is led elsewhere hands over a port.
   */
  #bequeath() {
    if (navigator.vendor.startsWith('Apple')) return;
    const kept = [...this.#kept].filter(([, {hasStopped}]) => hasStopped);
    if (kept.length === 0) return;
    const {scope} = kept[0][1];
    const connections = Object.fromEntries(kept.map(([attempt, {connection}]) => [attempt, connection]));
    tellKnownWorker(scope, 'will', {connections, client: this.#client, origin: this.#origin}, [this.#port]);
  }

  /** @param {unknown[]} attempts */
  #keepAlive(attempts) {
    const scopes = new Set(attempts.map((attempt) => this.#kept.get(/** @type {number} */ (attempt))?.scope));
    for (const scope of scopes) if (scope) keepAwake(scope);
    this.#onneed(true);
  }
}

/**
 * Whether the service has kept something for its client. To ask in vain does no harm.
 *
 * @param {string} connection
 */
const mayHaveUnsent = (connection) => hasUnsent(serviceEnd(connection)).catch(() => true);

/**
 * Removes the service's end of a connection to a registration that is gone.
 *
 * @param {string} connection
 */
async function dropServiceEnd(connection) {
  try {
    if (await exists()) await dropPort(serviceEnd(connection));
  } catch {
    // It is being cleared just now.
  }
}

/**
 * Waits for what the service worker says on the answer port, or for a sign that it never will.
 *
 * @param {MessagePort} port
 * @param {AbortSignal} [signal]
 * @param {Promise<void>} [met] when it is known from elsewhere that it has taken what it is to answer
 * @returns {Promise<Answer | 'ended' | 'silent' | undefined>} after it had taken that, it has ended, or said nothing
 */
async function waitForAnswer(port, signal, met) {
  const end = new AbortController();
  try {
    return await new Promise((resolve) => {
      /** Whose it is, once that has taken what it is to answer. */
      let context = '';
      const giveUp = () => resolve(context ? 'silent' : undefined);
      let endBound = bound(WORKER_START, giveUp);
      met?.then(() => setTimeout(() => context || resolve('ended'), LAST_WORDS));
      end.signal.addEventListener('abort', () => endBound());
      signal?.addEventListener('abort', giveUp, {signal: end.signal});
      port.onmessage = ({data}) => {
        if (isMessage(data, 'received', {context: 'string'})) {
          ({context} = data);
          endBound();
          endBound = bound(ANSWER, giveUp);
          // Stopped or crashed in the middle of it: it will not answer any more.
          gone(context, end.signal).then(() => setTimeout(resolve, LAST_WORDS, 'ended'));
        } else if (isMessage(data, 'answered', {accepted: 'boolean', name: 'string'})) {
          resolve({context, accepted: data.accepted, name: data.name, fleeting: data.fleeting === true});
        }
      };
    });
  } finally {
    end.abort();
    port.close();
  }
}
