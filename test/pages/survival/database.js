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

/** Resolves when what workers wrote until now is done: each write waits for those before. */
export async function written() {
  const database = await open();
  for (let i = 0; i < 5; i++) {
    const transaction = database.transaction(['ports', 'unsent'], 'readwrite');
    await new Promise((resolve) => (transaction.oncomplete = resolve));
  }
  database.close();
}
