/**
 * The ports of a service worker, kept in IndexedDB: what `navigator.services` of a registration holds outlives every
 * start of its worker, and the browser.
 *
 * @typedef {object} PortRecord
 * @property {string} id of this end: a worker may hold both ends of one connection
 * @property {'client' | 'service'} end
 * @property {string} connection
 * @property {string} scope of the registration that owns the port
 * @property {string} client of a service's end: the context whose lock tells that the client is alive, if any does
 * @property {string} origin the other end's
 * @property {string} targetURL
 * @property {string} name
 * @property {any} data
 * @property {number} since orders the ports of a map, in milliseconds
 * @property {boolean} closing closed here, or with this start of the worker, and the other end has yet to hear
 * @property {string} [maker] of a client's end: the context of the worker's start that made it
 * @property {boolean} [pending] an attempt, which the service may or may not have accepted
 * @property {string} [stash] the stashed port's name, where it is none of `navigator.services`
 */
import {batching} from './batching.js';
import {bound} from './bound.js';
import {DATABASE_WAIT} from './limits.js';
import {CHANNEL} from './shape.js';

const PORTS = 'ports';
/** @param {string} connection */
export const serviceEnd = (connection) => `${connection}/service`;
/** @param {string} connection */
export const clientEnd = (connection) => `${connection}/client`;

/** Messages that a port's owner may not live to deliver, numbered by its link. */
const UNSENT = 'unsent';

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * Rejects where the database does not answer: what waits for it can do without. WebKit keeps everyone waiting for a
 * worker that was ended in the middle of a transaction.
 *
 * @template T
 * @param {Promise<T>} answer
 * @returns {Promise<T>}
 */
function inTime(answer) {
  let end = () => {};
  const late = new Promise((_, reject) => (end = bound(DATABASE_WAIT, () => reject('IndexedDB does not answer'))));
  return Promise.race([answer, late]).finally(() => end());
}

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

async function begin() {
  const request = indexedDB.open(CHANNEL);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(PORTS, {keyPath: 'id'}).createIndex('scope', 'scope');
    request.result.createObjectStore(UNSENT, {keyPath: ['port', 'stored']});
  };
  const database = await result(request);
  // The origin's data is cleared, or a later version waits: let go, and open anew when needed.
  database.onclose = database.onversionchange = () => {
    database.close();
    opened = undefined;
  };
  return database;
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  if (!opened) {
    opened = inTime(begin());
    // What failed once may work the next time.
    opened.catch(() => (opened = undefined));
  }
  return opened;
}

/** @typedef {(ports: IDBObjectStore, unsent: IDBObjectStore) => void} Change what is done in a transaction */

/**
 * Makes a change, together with all others that come while those before are being written: a transaction costs far
 * more than what it does.
 *
 * @type {(change: Change) => Promise<void>}
 */
const write = /* @__PURE__ */ batching(open, (database, changes) => {
  const written = new Promise((resolve, reject) => {
    const transaction = database.transaction([PORTS, UNSENT], 'readwrite', {durability: 'relaxed'});
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
    for (const change of changes) change(transaction.objectStore(PORTS), transaction.objectStore(UNSENT));
    // Not when all of it is known to be done: this worker may be stopped before. WebKit must commit by itself: what
    // a worker has committed that ends before the transaction has begun stays there for ever, with all behind it.
    if (/Chrome|Firefox/.test(navigator.userAgent)) transaction.commit();
  });
  return inTime(written);
});

/** @param {string} name */
const read = async (name) => (await open()).transaction(name).objectStore(name);

/**
 * @param {string} scope
 * @returns {Promise<PortRecord[]>} oldest first
 */
export async function loadPorts(scope) {
  const records = await inTime(result((await read(PORTS)).index('scope').getAll(scope)));
  return records.sort((a, b) => a.since - b.since);
}

/**
 * @param {string} id
 * @returns {Promise<PortRecord | undefined>}
 */
export const loadPort = async (id) => ((await exists()) ? result((await read(PORTS)).get(id)) : undefined);

/** @param {PortRecord} record */
export const savePort = (record) => write((ports) => ports.put(record));

/**
 * @param {string} id the port's, which goes with all that it left unsent
 * @returns {Change}
 */
const removal = (id) => (ports, unsent) => {
  ports.delete(id);
  unsent.delete(unsentOf(id));
};

/** @param {string} id */
export const removePort = (id) => write(removal(id));

/**
 * Removes a port of a service worker that is no more.
 *
 * @param {string} id
 */
export async function dropPort(id) {
  const transaction = (await open()).transaction([PORTS, UNSENT], 'readwrite');
  removal(id)(transaction.objectStore(PORTS), transaction.objectStore(UNSENT));
}

/**
 * @param {string} port
 * @param {number} [last]
 */
const unsentOf = (port, last = Infinity) => IDBKeyRange.bound([port, 0], [port, last]);

/**
 * @param {string} port
 * @param {import('./link.js').Kept} kept
 * @param {any} message
 */
export const saveUnsent = (port, kept, message) => write((_, unsent) => unsent.put({port, message, ...kept}));

/**
 * @param {string} port
 * @param {number} last of those that were sent after all
 */
export const removeUnsent = (port, last) => write((_, unsent) => unsent.delete(unsentOf(port, last)));

/**
 * @param {string} port
 * @returns {Promise<Array<import('./link.js').Kept & {message: any}>>} in order
 */
export const loadUnsent = async (port) => inTime(result((await read(UNSENT)).getAll(unsentOf(port))));

/** Whether there is a database; asking it makes none. Opaque origins have none, and Chromium complains when asked. */
export const exists = async () => {
  const list = origin === 'null' ? [] : await globalThis.indexedDB?.databases?.();
  return (list ?? []).some(({name}) => name === CHANNEL);
};

/**
 * @param {string} port
 * @returns {Promise<boolean>}
 */
export const hasUnsent = async (port) =>
  (await exists()) && (await result((await read(UNSENT)).count(unsentOf(port)))) > 0;

/**
 * The connections that service workers of this origin have to others'; none where the database is being cleared.
 *
 * @param {string} [scope] of the one whose connections are wanted
 * @returns {Promise<PortRecord[]>}
 */
export async function loadClientEnds(scope) {
  try {
    if (!(await exists())) return [];
    /** @type {PortRecord[]} */
    const records = await result((await read(PORTS)).getAll());
    return records.filter((record) => record.end === 'client' && record.scope === (scope ?? record.scope));
  } catch {
    return [];
  }
}
