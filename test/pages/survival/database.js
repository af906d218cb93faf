/** What a page does to the database of its origin, where service workers keep their ports. */
import {CHANNEL} from '/js/shape.js';

/** @returns {Promise<IDBDatabase>} */
const open = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(CHANNEL);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * Keeps every write waiting.
 *
 * @returns {Promise<() => void>} ends that
 */
export async function hold() {
  const database = await open();
  const store = database.transaction('ports', 'readwrite').objectStore('ports');
  let held = true;
  const more = () => held && (store.count().onsuccess = more);
  more();
  return () => {
    held = false;
    database.close();
  };
}

/** @type {() => void} */
let release = () => {};

/** For a frame: the same in two steps. */
export const holdForNow = async () => void (release = await hold());
export const releaseNow = () => release();

/** Puts another in its place that is none of ours. */
export const replace = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(CHANNEL, 1_000);
    request.onupgradeneeded = () => {
      const {result: database} = request;
      for (const name of database.objectStoreNames) database.deleteObjectStore(name);
    };
    request.onsuccess = () => resolve(request.result.close());
    request.onerror = () => reject(request.error);
  });

/** Has it begin anew. */
export const remove = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(CHANNEL);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });

/** Resolves when what workers wrote until now is done: each write waits for those before. */
export async function written() {
  const database = await open();
  for (let i = 0; i < 5; i++) {
    const transaction = database.transaction(['ports', 'unsent'], 'readwrite');
    await new Promise((resolve) => (transaction.oncomplete = resolve));
  }
  database.close();
}
