/**
 * How a client's control port comes to the bridge of another origin: windows hold the bridge's frame themselves,
 * workers ask a window of theirs to be their courier.
 */
import {bound} from './bound.js';
import {Link} from './link.js';
import {bridgeTo} from './bridges.js';
import {ownBridge, seesRegistrations} from './own-bridge.js';
import {askWindows, asking, hearRequests, hearWindows} from './requests.js';
import {tellOnce} from './errors.js';
import {checkFrame, openFrame} from './frame.js';
import {Context, gone} from './context.js';
import {exists} from './store.js';
import {COURIER_WAIT} from './limits.js';
import {PROTOCOL, isMessage, isOrigin} from './shape.js';

/** @type {any} this global, whatever it is */
const global = globalThis;

/** @type {import('./protocol.js').ClientKind} */
export const kind =
  'document' in global
    ? 'window'
    : 'clients' in global
      ? 'serviceworker'
      : 'onconnect' in global
        ? 'sharedworker'
        : 'worker';

/**
 * What is called for a client that the browser may stop: a service has something to say to it, or there is only traffic
 * for which it should stay awake.
 *
 * @typedef {(traffic: boolean) => void} OnNeed
 */

/** How this global opens a bridge; windows do it themselves. @type {typeof openHere} */
let open = openByCourier;

/**
 * Opens a bridge. When that fails, `failed` is posted on `port`.
 *
 * @type {typeof openHere}
 */
export const openBridge = (origin, port, signal, ...rest) =>
  open(origin, port, signal, ...rest).catch(() => {
    // Who has heard otherwise that it is lost does not fail.
    if (!signal.aborted) port.postMessage({type: 'failed'});
  });

/**
 * @param {string} origin
 * @param {MessagePort} port the control port, for the bridge
 * @param {AbortSignal} signal ends it
 * @param {() => void} lost called when the bridge is gone
 * @param {import('./protocol.js').ClientKind} [clientKind] the client's, if it is not this global
 * @param {OnNeed} [onneed]
 */
async function openHere(origin, port, signal, lost, clientKind = kind, onneed = () => {}) {
  const isOwn = origin === location.origin && (await seesRegistrations());
  if (!isOwn && !signal.aborted) return openFrame(origin, port, clientKind, signal, onneed, lost);
  const {Bridge} = await ownBridge();
  if (signal.aborted) port.close();
  else new Bridge(port, origin, clientKind, signal, onneed);
}

/**
 * Has somebody look whether the bridge to an origin is still there, of which this global hears by `lost`.
 *
 * @type {(origin: string) => void}
 */
export let checkBridge = (origin) =>
  void found?.then(
    ({channel}) => channel.postMessage({type: 'check', origin}),
    () => {},
  );

let opened = 0;

/**
 * @param {string} origin
 * @param {MessagePort} port
 * @param {AbortSignal} signal
 * @param {() => void} lost
 */
async function openByCourier(origin, port, signal, lost) {
  const {channel, windows, brought, left, losing} = await (found ??= findCourier());
  if (signal.aborted) return;
  const client = ++opened;
  losing.set(client, lost);
  // First: the bridges of earlier starts must not forget what this one tells of.
  windows.forEach((window) => window.postMessage({type: 'opened', origin}));
  brought.add(origin);
  channel.postMessage({type: 'open', client, origin}, [port]);
  signal.addEventListener('abort', () => {
    losing.delete(client);
    channel.postMessage({type: 'leave', client});
  });
  left.then(() => signal.aborted || lost());
}

/** @type {Context | undefined} this global, for its couriers and those it is one for to watch */
let context;

/** @type {BroadcastChannel | undefined} what service workers ask this window on */
let requests;

/** The page is left, and may be shown again: it may not go into the cache with a channel that is open. */
export function leaveCouriers() {
  context?.leave();
  context = undefined;
  requests?.close();
  addEventListener('pageshow', hearServiceWorkers, {once: true});
}

/**
 * A worker's courier, seen from the worker.
 *
 * @typedef {object} Courier
 * @property {MessagePort} channel
 * @property {MessagePort[]} windows to everyone who has answered
 * @property {Set<string>} brought the origins that these have been told of, and those are who answer later
 * @property {Promise<void>} left resolves when the window has gone
 * @property {Map<number, () => void>} losing called when the bridge is gone that a client of these has there
 */

/** @type {Promise<Courier> | undefined} */
let found;

/** Asks everyone who could be the courier. @type {(ask: import('./requests.js').Ask) => void} */
let askAll;

/**
 * Asks a window, or a worker on the way to one.
 *
 * @param {import('./requests.js').Ask} ask
 * @param {{postMessage(message: object, transfer: Transferable[]): void}} target
 */
function askOne({context, take}, target) {
  const {port1, port2} = new MessageChannel();
  take(port1);
  target.postMessage({navigatorConnect: PROTOCOL, type: 'courier', kind, context}, [port2]);
}

/**
 * @returns {Promise<Courier>} the window that answered first
 * @throws {undefined} when none did
 */
async function findCourier() {
  const {id, lockHeld} = (context ??= new Context());
  /** @type {MessagePort[]} */
  const windows = [];
  /** @type {Courier['losing']} */
  const losing = new Map();
  /** @type {Set<string>} */
  const brought = new Set();
  /** @type {() => void} */
  let end = () => {};
  try {
    await lockHeld;
    const [channel, window] = await new Promise((resolve, reject) => {
      /** @type {import('./requests.js').Ask} */
      const ask = {
        what: 'courier',
        id,
        context: id,
        take(port) {
          port.onmessage = ({data}) => {
            if (isMessage(data, 'here', {context: 'string'})) {
              windows.push(port);
              brought.forEach((origin) => port.postMessage({type: 'opened', origin}));
              resolve([port, data.context]);
            } else if (isMessage(data, 'lost')) losing.get(data.client)?.();
          };
        },
      };
      const endBound = bound(COURIER_WAIT, () => {
        tellOnce('warn', 'connecting needs a window of this origin with navigator-connect.');
        reject();
      });
      end = () => {
        endBound();
        asking.delete(ask);
      };
      asking.add(ask);
      askAll(ask);
    });
    const left = gone(window);
    left.then(() => {
      found = undefined;
      channel.close();
    });
    return {channel, windows, brought, left, losing};
  } catch (error) {
    found = undefined;
    throw error;
  } finally {
    end();
  }
}

/**
 * Serves a worker of this global's as its courier, until either is gone.
 *
 * @param {MessagePort} channel
 * @param {string} worker its context
 * @param {import('./protocol.js').ClientKind} workerKind
 * @param {string} [scope] a service worker's
 */
async function serveWorker(channel, worker, workerKind, scope) {
  const {id, lockHeld} = (context ??= new Context());
  // Who leaves before that serves nobody.
  if (await lockHeld.catch(() => true)) return;
  const end = new AbortController();
  const {signal} = end;
  /** @type {Map<number, {origin: string, client: AbortController}>} */
  const clients = new Map();
  /** @param {number} id */
  const close = (id) => {
    const entry = clients.get(id);
    clients.delete(id);
    entry?.client.abort();
  };
  /** @param {string} origin */
  const letGo = (origin) => {
    for (const [id, its] of clients) if (its.origin === origin) close(id);
    if (clients.size === 0) end.abort();
  };
  /** @type {import('./sleepers.js').Care} */
  let care = {needed() {}, ended: () => end.abort(), bridged() {}};
  if (scope !== undefined) {
    const bridge = await ownBridge().catch(() => {});
    if (!bridge) return;
    care = await bridge.careForStart({scope, end, letGo}, closeFor);
  }
  gone(worker, signal).then(care.ended);
  channel.onmessage = ({data, ports: [port]}) => {
    if (
      isMessage(data, 'open', {client: 'number', origin: 'string'}) &&
      isOrigin(data.origin) &&
      port &&
      !clients.has(data.client)
    ) {
      const client = new AbortController();
      clients.set(data.client, {origin: data.origin, client});
      const lost = () => {
        close(data.client);
        channel.postMessage({type: 'lost', client: data.client});
      };
      openBridge(data.origin, port, client.signal, lost, workerKind, care.needed);
    } else if (isMessage(data, 'check')) {
      // Here and below: a name that nothing goes by does nothing.
      checkBridge(data.origin);
    } else if (isMessage(data, 'opened')) {
      care.bridged(data.origin);
    } else if (isMessage(data, 'leave')) {
      close(data.client);
    }
  };
  signal.addEventListener('abort', () => {
    channel.close();
    clients.forEach(({client}) => client.abort(signal.reason));
  });
  channel.postMessage({type: 'here', context: id});
}

/** Closes a connection whose client's registration is gone. @type {import('./sleepers.js').CloseFor} */
function closeFor(origin, targetURL, connection, onrelease) {
  const link = new Link(crypto.randomUUID(), true);
  link.onrelease = onrelease;
  bridgeTo(origin).resume({targetURL, connection}, link);
  link.close();
}

/**
 * Takes a worker's request for a courier out of what it posts.
 *
 * @param {MessageEvent} event
 */
function takeRequest(event) {
  const {data, ports} = event;
  if (!isMessage(data, 'courier', {navigatorConnect: 'number', kind: 'string', context: 'string'})) return;
  event.stopImmediatePropagation();
  if (data.navigatorConnect === PROTOCOL && ports[0]) serveWorker(ports[0], data.context, data.kind);
}

/**
 * Listens for the requests of the workers that this global makes.
 *
 * @param {'Worker' | 'SharedWorker'} name of the constructor
 * @param {(worker: any) => EventTarget} source where the worker's messages arrive
 */
function wrapConstructor(name, source) {
  const Native = global[name];
  if (!Native) return;
  // A proxy, so that the constructor stays what it was in every other respect.
  Native.prototype.constructor = global[name] = new Proxy(Native, {
    construct(target, args, newTarget) {
      const worker = Reflect.construct(target, args, newTarget);
      source(worker).addEventListener('message', /** @type {EventListener} */ (takeRequest));
      return worker;
    },
  });
}

/** Prepares a window or a worker to be a courier, and a worker to ask for one. */
export function installCouriers() {
  wrapConstructor('Worker', (worker) => worker);
  if (kind === 'window') {
    open = openHere;
    checkBridge = checkFrame;
    wrapConstructor('SharedWorker', (worker) => worker.port);
    hearServiceWorkers();
  } else {
    /** The ways to those who made this worker. */
    const makers = new Set(kind === 'worker' ? [global] : []);
    askAll = (ask) => makers.forEach((maker) => askOne(ask, maker));
    global.addEventListener('connect', (/** @type {MessageEvent} */ {ports: [port]}) => {
      makers.add(port);
      asking.forEach((ask) => askOne(ask, port));
    });
  }
}

/** Prepares a service worker to ask its windows. */
export function installAsking() {
  askAll = askWindows;
  hearWindows();
}

/** Service workers may wait for a window: those that run, and those that sleep on a connection they made. */
async function hearServiceWorkers() {
  try {
    requests = hearRequests(async (request) => (await ownBridge()).answer(request, serveWorker));
    if (await exists()) (await ownBridge()).announceWindow(closeFor);
  } catch {
    // Where there is no storage, there are none.
  }
}
