/** The service worker's part: it takes offers, fires `connect`, and holds the service's ends. */
import {FAREWELL, MAX_CONNECTIONS, UNREADABLE} from './limits.js';
import {CHANNEL, PROTOCOL, isMessage} from './shape.js';
import {Context, gone, isGone} from './context.js';
import {Watch} from './watch.js';
import {lastWords} from './last-words.js';
import {closeHandled, fireConnect} from './extendable-events.js';
import {whenFoundActive} from './activation.js';
import {bridgeTo} from './bridges.js';
import {ownConnectionsBy} from './connect.js';
import {fireNativeConnect} from './connect-event.js';
import {findCustodian} from './custodian.js';
import {takeAnswer} from './requests.js';
import {Pipe} from './pipe.js';
import {
  acceptPort,
  createStashablePort,
  endedRecords,
  keepCandidatesUntil,
  keepInCustodyBy,
  restoreStash,
} from './stash.js';
import {createNativePortsBy} from './native-port.js';
import {createPort, openPorts, requireModest, restorePortsBy} from './port.js';
import {tellOnce} from './errors.js';
import {DurableLink} from './durable-link.js';
import {Link} from './link.js';
import {askForEventsBy, nativeLifetime} from './lifetime.js';
import {clientEnd, loadPorts, loadUnsent, removePort, removeUnsent, savePort, saveUnsent, serviceEnd} from './store.js';

/** @param {unknown} error */
const cannotSave = (error) =>
  tellOnce('error', `this port can't be stored, and ends with this start of the worker: ${error}`);

/** @param {import('./extendable-events.js').Accepted} own */
const modest = (own) => {
  requireModest(own);
  return own;
};

/** @type {any} the ServiceWorkerGlobalScope */
const worker = globalThis;

/**
 * Runs when the worker's script is evaluated: the browser counts only listeners added by then.
 *
 * @param {EventTarget} services
 */
export function serve(services) {
  const service = new Service(services);
  worker.addEventListener('message', (/** @type {any} */ event) => {
    const {data} = event;
    if (typeof data !== 'object' || data === null || typeof data.navigatorConnect !== 'number') return;
    event.stopImmediatePropagation();
    if (event.origin !== location.origin) return;
    if (data.navigatorConnect === PROTOCOL) service.receive(event);
    else tellOnce('error', `this worker speaks version ${PROTOCOL}, its bridge ${data.navigatorConnect}.`);
  });
  // The version before owns the ports until then, and has taken others since this worker first looked.
  worker.addEventListener('activate', () => service.restoreAgain());
  whenFoundActive(() => service.restore());
}

/** The ends of the connections to this registration, as long as this worker lives. */
class Service {
  #services;
  #context = new Context();
  #channel = new BroadcastChannel(CHANNEL);
  /** Resolves when the registry could have heard of this worker; from then on its end would be noticed. */
  #introduced;
  /** @type {Map<string, {record: import('./store.js').PortRecord, link: DurableLink}>} by the record's id */
  #ends = new Map();
  /**
   * Of ends that are no more, when their records have been removed, by their ids: what is read meanwhile may still tell
   * of them.
   *
   * @type {Map<string, Promise<void>>}
   */
  #ended = new Map();
  /**
   * By connection, the attempts that have no answer yet, or have one that may not have been heard: when that is over, and
   * what ends it where nobody waits.
   *
   * @type {Map<string, {over: Promise<void>, lose: () => void}>}
   */
  #attempts = new Map();
  /** The clients' contexts. */
  #clients = new Watch(
    (client, links) => this.#bury(client, links),
    async (client, links) => {
      await this.#wills.get(client);
      // Perhaps only its bridge has gone, which its page removed, or which crashed.
      await lastWords(links, () => [...links].map((link) => /** @type {DurableLink} */ (link).ask()));
    },
  );
  /** The clients' that go, and whose last words are being heard: when that is over. @type {Map<string, Promise<void>>} */
  #wills = new Map();
  /** The connections for which a port has come, and which may have to be read first. @type {Set<string>} */
  #entangling = new Set();
  /** @type {Promise<void> | undefined} */
  #restored;
  /** Whether all that earlier starts left could be read. */
  #complete = false;
  /** Since when it can't be. */
  #unreadable = Infinity;

  /** @param {EventTarget} services */
  constructor(services) {
    this.#services = services;
    this.#introduced = this.#introduce();
    askForEventsBy((type) => this.#channel.postMessage({type, context: this.#context.id}));
    ownConnectionsBy(
      () => new DurableLink(this.#context.id, true, true),
      (made, link) => this.#keep(made, /** @type {DurableLink} */ (link)),
    );
    keepInCustodyBy((port, stand) => this.#keepInCustody(port, stand));
    createNativePortsBy(createStashablePort);
    restorePortsBy(() => this.restore());
    worker.serviceWorker?.addEventListener('statechange', (/** @type {any} */ {target}) => {
      // WebKit lets a worker that has been replaced live on for a moment, in which its ports are the next version's.
      if (target.state === 'redundant') for (const {link} of this.#ends.values()) link.retire();
    });
  }

  async #introduce() {
    await this.#context.lockHeld;
    const introduce = () => {
      const {scope} = worker.registration;
      this.#channel.postMessage({type: 'introduce', context: this.#context.id, kind: 'serviceworker', scope});
    };
    this.#channel.onmessage = ({data}) => {
      if (!isMessage(data, 'generation')) return;
      introduce();
      for (const {record, link} of this.#ends.values()) {
        if (record.end === 'service' && link.outstanding) this.#need(record);
      }
    };
    introduce();
  }

  /** @param {any} event the native message event */
  receive(event) {
    const {data, ports} = event;
    const offer = /** @type {const} */ ({
      connection: 'string',
      client: 'string',
      origin: 'string',
      targetURL: 'string',
    });
    const client = /** @type {const} */ ({connection: 'string', client: 'string', origin: 'string'});
    if (isMessage(data, 'connect', offer)) {
      if (ports.length !== 2) return;
      const lifetime = nativeLifetime(event);
      if (data.again) lifetime.extend(this.#answerAgain(data, ports[0], ports[1], lifetime));
      else this.#answer(data, ports[0], ports[1], lifetime);
      // This is the active version, which may have had no other event yet.
      this.restore();
    } else if (isMessage(data, 'entangle', client)) {
      if (ports.length === 1) nativeLifetime(event).extend(this.#entangle(data, ports[0]));
    } else if (isMessage(data, 'ask', {connection: 'string', origin: 'string'})) {
      if (ports.length === 1) nativeLifetime(event).extend(this.#tell(data, ports[0]));
    } else if (isMessage(data, 'lost', {connection: 'string', client: 'string'})) {
      nativeLifetime(event).extend(this.#loseClient(data, ports[0]));
    } else if (isMessage(data, 'will', {client: 'string', origin: 'string'})) {
      if (ports.length === 1 && data.connections) nativeLifetime(event).extend(this.#execute(data, ports[0]));
    } else if (isMessage(data, 'asked', {id: 'string'})) {
      if (ports.length === 1) takeAnswer(data.id, ports[0]);
    } else if (isMessage(data, 'wake')) {
      event.waitUntil(this.restore());
    } else if (isMessage(data, 'window')) {
      event.waitUntil(this.#meetWindow());
    }
  }

  /**
   * Takes up the ports that earlier starts of this registration's worker left.
   *
   * @returns {Promise<void>}
   */
  restore() {
    return (this.#restored ??= this.#tryRestore());
  }

  /** @returns {Promise<void>} */
  #tryRestore() {
    return this.#restore().catch((error) => {
      console.error('navigator-connect: the ports could not be read:', error);
      this.#unreadable = Math.min(this.#unreadable, performance.now());
      // Who asks next may have more luck.
      this.#restored = undefined;
    });
  }

  /** The same when others may have come since. */
  restoreAgain() {
    this.#restored = Promise.resolve(this.#restored).then(() => this.#tryRestore());
    return this.#restored;
  }

  /** Whether what is not here is nowhere, or nobody will ever read it. Until then, it may yet be there. */
  get #knowsAll() {
    return this.#complete || performance.now() - this.#unreadable > UNREADABLE;
  }

  async #restore() {
    const records = await loadPorts(worker.registration.scope);
    const clients = [...new Set(records.map(({client}) => client))];
    const [unsent, lives] = await Promise.all([
      Promise.all(records.map(({id}) => loadUnsent(id))),
      Promise.all(clients.map(async (client) => client === '' || !(await isGone(client)))),
    ]);
    const younger = [...openPorts];
    openPorts.clear();
    /** What may fire, and close others: when all of them are there. @type {Array<() => void>} */
    const last = [];
    /** By window, those whose is gone, unless it has last words, or they come over another. @type {Map<string, Link[]>} */
    const orphans = new Map();
    for (const [i, record] of records.entries()) {
      if (this.#ends.has(record.id) || this.#ended.has(record.id)) continue;
      const link = record.end === 'client' ? this.#resume(record) : this.#hold(record);
      if (record.end === 'service') this.#watch(record, link, record.client);
      for (const {message, ...kept} of unsent[i]) link.post(message, [], kept);
      // Closed by the application before: not in the map any more, and nothing is fired at it.
      if (record.closing) this.#port(record, link).close();
      else if (record.stash === undefined) this.#port(record, link);
      else restoreStash(record, link);
      const {client, connection} = record;
      const isOrphan = !lives[clients.indexOf(client)] && !this.#wills.has(client) && !this.#entangling.has(connection);
      if (isOrphan) orphans.set(client, [...(orphans.get(client) ?? []), link]);
      // The attempt was cut short: the service knows what became of it.
      else if (record.pending) last.push(() => link.insist());
    }
    for (const port of younger) openPorts.add(port);
    this.#complete = true;
    for (const act of last) act();
    for (const [client, links] of orphans) this.#bury(client, links);
  }

  /**
   * Tells who waits for an answer whose end would mean that none comes.
   *
   * @param {MessagePort} answerPort
   */
  async #received(answerPort) {
    await this.#introduced;
    answerPort.postMessage({type: 'received', context: this.#context.id});
  }

  /**
   * A client that was stopped meanwhile may ask what has become of its attempt.
   *
   * @param {string} connection
   */
  async #endOf(connection) {
    await Promise.all([this.restore(), this.#introduced, this.#attempts.get(connection)?.over]);
    return this.#ends.get(serviceEnd(connection));
  }

  /**
   * @param {Pick<import('./protocol.js').Question, 'connection' | 'origin'>} question
   * @param {MessagePort} answerPort
   */
  async #tell({connection, origin}, answerPort) {
    await this.#received(answerPort);
    const record = (await this.#endOf(connection))?.record;
    const accepted = record?.origin === origin;
    if (record || this.#knowsAll) {
      answerPort.postMessage({
        type: 'answered',
        accepted,
        name: record?.name ?? '',
        fleeting: record?.closing ?? false,
      });
    }
    answerPort.close();
  }

  /**
   * @param {{connection: string, client: string, origin: string}} request
   * @param {MessagePort} port
   */
  async #entangle({connection, client, origin}, port) {
    this.#entangling.add(connection);
    const end = await this.#endOf(connection);
    this.#entangling.delete(connection);
    if (end?.record.origin === origin) {
      this.#watch(end.record, end.link, client);
      end.link.entangle(port);
    } else {
      if (end || this.#knowsAll) port.postMessage({type: 'close'});
      port.close();
    }
  }

  /**
   * A client's window goes, and its bridge with it: this worker hears in its stead what the client still has to say.
   *
   * @param {import('./protocol.js').Will} will
   * @param {MessagePort} port
   */
  async #execute({connections, client, origin}, port) {
    const will = {used: false};
    port.onmessage = ({data, ports}) => {
      will.used = true;
      if (!isMessage(data, 'entangle', {attempt: 'number'}) || ports.length !== 1) return;
      this.#entangle({connection: connections[data.attempt], client, origin}, ports[0]);
    };
    const over = gone(client).then(() => lastWords([will]));
    this.#wills.set(client, over);
    await over;
    port.close();
    this.#wills.delete(client);
  }

  /**
   * @param {import('./protocol.js').ClientLost} lost
   * @param {MessagePort} [answerPort] of who wants to know that this is put down
   */
  async #loseClient({connection, client}, answerPort) {
    if (answerPort) this.#received(answerPort);
    this.#attempts.get(connection)?.lose();
    await this.restore();
    const id = serviceEnd(connection);
    const end = this.#ends.get(id);
    if (end?.record.client === client) {
      await lastWords([end.link]);
      if (end.record.client === client) end.link.lose();
    }
    // If it can't be removed, nobody is told that it was.
    await this.#ended.get(id);
    // Or else it may yet be there.
    if (this.#knowsAll) answerPort?.postMessage({type: 'answered', accepted: false, name: '', fleeting: false});
  }

  /** A window of this origin is there: it may hold bridges for the connections that this worker made. */
  async #meetWindow() {
    await this.restore();
    for (const {record} of this.#ends.values()) if (record.end === 'client') bridgeTo(record.origin).open();
  }

  /**
   * This worker connects to a service; its end must outlive it.
   *
   * @param {import('./connect.js').Complete} made becomes its record
   * @param {DurableLink} link
   */
  async #keep(made, link) {
    const since = performance.timeOrigin + performance.now();
    const {scope} = worker.registration;
    const id = clientEnd(made.connection);
    const {closing = false} = made;
    /** @type {import('./store.js').PortRecord} */
    const record = Object.assign(made, {
      ...{id, end: /** @type {const} */ ('client'), scope, client: '', since, closing, pending: true},
      maker: this.#context.id,
    });
    this.#own(record, link);
    // Until then its maker counts as gone.
    await this.#context.lockHeld;
    // What was given up meanwhile has been removed.
    if (this.#ends.has(id)) await savePort(record).catch(cannotSave);
  }

  /**
   * The client's end of a connection that an earlier start of this worker made.
   *
   * @param {import('./store.js').PortRecord} record
   */
  #resume(record) {
    const link = new DurableLink(this.#context.id, true, true);
    this.#own(record, link);
    const {origin, targetURL, connection} = record;
    bridgeTo(origin).resume({targetURL, connection}, link);
    return link;
  }

  /**
   * The service's end of a connection, whose client is yet to be watched.
   *
   * @param {import('./store.js').PortRecord} record
   */
  #hold(record) {
    const clientSleeps = record.client === '';
    const link = new DurableLink(this.#context.id, clientSleeps, clientSleeps);
    link.onneed = () => this.#need(record);
    this.#own(record, link);
    return link;
  }

  /**
   * @param {import('./store.js').PortRecord} record
   * @param {Link} link
   */
  #port({targetURL, name, data, origin}, link) {
    return createPort({targetURL, name, data, origin, link, services: this.#services});
  }

  /**
   * The registration owns this end until the link is released.
   *
   * @param {import('./store.js').PortRecord} record
   * @param {DurableLink} link
   */
  #own(record, link) {
    const {id} = record;
    this.#ends.set(id, {record, link});
    const {onhello} = link;
    link.onhello = (context) => {
      if (record.pending) {
        record.pending = false;
        savePort(record).catch(cannotSave);
      }
      onhello(context);
    };
    link.onunsent = (message, kept) =>
      saveUnsent(id, kept, message).catch((error) => {
        // What no database takes, a port for example, lives as long as this worker.
        if (error?.name !== 'DataCloneError') cannotSave(error);
      });
    link.onsent = (stored) => {
      removeUnsent(id, stored).catch(cannotSave);
    };
    // Not before that is put down: a start that knew nothing of it would have a port whose other end is gone.
    link.onclosing = () => {
      if (record.closing) return undefined;
      record.closing = true;
      return savePort(record).catch(cannotSave);
    };
    // Who ends before that is put down has the port again, and hears of it again.
    link.onconclude = async () => this.#ended.get(id);
    const released = link.onrelease;
    link.onrelease = () => {
      this.#ends.delete(id);
      // Who ends while it hears of this is to hear of it again.
      const removed = closeHandled().then(() => removePort(id));
      this.#ended.set(id, removed);
      endedRecords.add(record);
      this.#clients.remove(record.client, link);
      removed
        .catch(cannotSave)
        .then(() => this.#restored)
        .then(() => this.#ended.delete(id));
      released();
    };
  }

  /**
   * Tells of a window's end, and the registry when that is done: a worker that ends before is woken again.
   *
   * @param {string} client
   * @param {Iterable<Link>} links
   */
  async #bury(client, links) {
    for (const link of links) link.lose();
    await Promise.allSettled(this.#ended.values());
    this.#channel.postMessage({type: 'buried', context: this.#context.id, client});
  }

  /** @param {import('./store.js').PortRecord} record */
  #need({connection, client, scope}) {
    this.#channel.postMessage({type: 'need', connection, client, scope});
  }

  /**
   * Watches the life of a link's client, which may have moved to another window.
   *
   * @param {import('./store.js').PortRecord} record
   * @param {Link} link
   * @param {string} client
   */
  #watch(record, link, client) {
    if (record.client !== client) {
      this.#clients.remove(record.client, link);
      record.client = client;
      savePort(record).catch(cannotSave);
    }
    if (client) this.#clients.add(client, link);
  }

  /**
   * Whether the service workers of an origin have all the connections that they may: those end with no context of
   * theirs, and whoever serves one counts only what goes over its own bridge.
   *
   * @param {string} origin
   */
  #isFullFor(origin) {
    let count = 0;
    for (const {record} of this.#ends.values()) {
      if (record.end === 'service' && record.client === '' && record.origin === origin) count++;
    }
    return count >= MAX_CONNECTIONS;
  }

  /**
   * A bridge that has gone may have brought this attempt before, and the service hears of it once.
   *
   * @param {import('./protocol.js').Offer} offer
   * @param {MessagePort} channel
   * @param {MessagePort} answerPort
   * @param {import('./lifetime.js').Lifetime} lifetime
   */
  async #answerAgain(offer, channel, answerPort, lifetime) {
    const {connection, origin} = offer;
    await this.restore();
    if (!this.#attempts.has(connection) && !this.#ends.has(serviceEnd(connection))) {
      this.#answer(offer, channel, answerPort, lifetime);
      return;
    }
    // At once: who asks has to hear that this has come, however long the service still thinks.
    const told = this.#tell(offer, answerPort);
    // A refusal must not be heard on the channel: nobody may learn from its time that there is a service.
    const end = await this.#endOf(connection);
    if (end?.record.origin === origin) await this.#entangle(offer, channel);
    await told;
  }

  /**
   * @param {import('./protocol.js').Offer} offer
   * @param {MessagePort} channel entangled with the client's
   * @param {MessagePort} answerPort
   * @param {import('./lifetime.js').Lifetime} lifetime
   */
  #answer({connection, client, origin, targetURL}, channel, answerPort, lifetime) {
    let lost = false;
    let end = () => {};
    /** @type {Promise<void>} */
    const over = new Promise((resolve) => (end = resolve));
    // A client that has lost its bridge attempts it again.
    over.then(() => setTimeout(() => this.#attempts.delete(connection), FAREWELL));
    const lose = () => {
      lost = true;
      end();
    };
    this.#attempts.set(connection, {over, lose});
    const received = this.#received(answerPort);
    /** @param {{accepted: boolean, name: string, fleeting: boolean}} outcome */
    const say = async (outcome) => {
      await received;
      answerPort.postMessage({type: 'answered', ...outcome});
      answerPort.close();
      end();
    };
    const refuse = () => say({accepted: false, name: '', fleeting: false});
    /** @returns {import('./store.js').PortRecord} */
    const record = (/** @type {{name: string, data: any, closing: boolean}} */ own) => ({
      ...{id: serviceEnd(connection), end: 'service', connection, scope: worker.registration.scope, client},
      ...{origin, targetURL, since: performance.timeOrigin + performance.now(), ...own},
    });
    /** @param {import('./store.js').PortRecord} record @param {Link} link */
    const accept = async (record, link) => {
      // Once the client knows of the connection, no stop may make this end forget it.
      await Promise.all([this.#introduced, savePort(record).catch(cannotSave)]);
      if (this.#ends.has(record.id)) {
        link.entangle(channel);
        // It can be asked from now on, should it have lost its bridge meanwhile.
        this.#watch(record, link, client);
      }
      await say({accepted: true, name: record.name, fleeting: record.closing});
      if (lost) link.lose();
    };

    /** @param {Promise<import('./extendable-events.js').Accepted>} response */
    const respond = (response) =>
      new Promise((resolve, reject) => {
        const settled = response.then(modest).then(
          async ({name, data}) => {
            const own = record({name, data, closing: false});
            const link = this.#hold(own);
            // This promise settles before the client hears; what its reactions post waits in the link.
            resolve(this.#port(own, link));
            await accept(own, link);
          },
          (error) => {
            reject(error);
            return refuse();
          },
        );
        // A promise that nobody waits for keeps nobody awake.
        lifetime.extend(Promise.race([settled, over]));
      });

    if (client === '' && this.#isFullFor(origin)) {
      lifetime.extend(refuse());
      return;
    }
    /** @type {import('./extendable-events.js').Offer} */
    const offer = {respond: /** @type {any} */ (respond)};
    fireConnect(this.#services, {targetURL, origin}, offer, lifetime);
    if (offer.answer) return;
    const accepted = fireNativeConnect({targetURL, origin}, lifetime);
    if (!accepted) {
      lifetime.extend(refuse());
      return;
    }
    const inTime = Promise.race([
      accepted,
      over.then(() => {
        throw new Error('nobody waits for it any more');
      }),
    ]);
    keepCandidatesUntil(inTime);
    const settled = inTime.then(async (port) => {
      // With this start of the worker the connection ends, unless its port is stashed.
      const own = record({name: '', data: null, closing: true});
      /** @type {Link | undefined} */
      let link;
      acceptPort(port, own, () => (link = this.#hold(own)));
      if (link) await accept(own, link);
    });
    lifetime.extend(
      settled.catch((error) => {
        console.warn('navigator-connect: acceptConnection() did not accept the connection:', error);
        return refuse();
      }),
    );
  }

  /**
   * Gives a stashed port that is no connection's to the registry's worker, which does not end with this one.
   *
   * @param {MessagePort} port
   * @param {import('./stash.js').Stand} stand
   */
  async #keepInCustody(port, stand) {
    // It is told who speaks here, and would take us for dead.
    await this.#context.lockHeld;
    const {scope} = worker.registration;
    const connection = crypto.randomUUID();
    /** @type {import('./store.js').PortRecord} */
    const record = {
      ...{id: serviceEnd(connection), end: 'service', connection, scope, client: this.#context.id},
      ...{origin: location.origin, targetURL: '', name: '', data: null, since: Date.now(), closing: false},
    };
    const link = this.#hold(record);
    link.onhello = (context) => this.#watch(record, link, context);
    stand(link, record);
    const {port1, port2} = new MessageChannel();
    link.entangle(port1);
    this.#watch(record, link, record.client);
    const custodian = await findCustodian(this.#context.id);
    if (custodian) {
      custodian.postMessage({type: 'custody', connection, scope}, [port, port2]);
      return;
    }
    tellOnce(
      'warn',
      'a stashed port that is no connection ends with this start of the worker: no window of its origin that has' +
        ' navigator-connect reaches the registry.',
    );
    const own = new Link(this.#context.id, false);
    new Pipe(own, port);
    own.entangle(port2);
  }
}
