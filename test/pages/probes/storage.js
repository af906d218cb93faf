/** IndexedDB: what a context's end leaves, and who waits for whom. */

/* global help */

/** Puts a record in a worker and, once it has been put, has the worker ended with the transaction still open. */
async function orphan({worker, name}, commit) {
  const database = name();
  const lock = name();
  await help.database(database).then((made) => made.close());
  const other = await worker();
  await other.run(
    async (name, lock, commit) => {
      await help.hold(lock);
      const database = await help.database(name);
      const store = database.transaction('store', 'readwrite').objectStore('store');
      await help.result(store.put({id: 1}));
      if (commit) store.transaction.commit();
      else {
        // Kept open, by one request after the other.
        const again = () => (store.get(1).onsuccess = again);
        again();
      }
    },
    database,
    lock,
    commit,
  );
  other.terminate();
  await help.free(lock);
  return count(database);
}

async function count(name) {
  const database = await help.database(name);
  const found = await help.result(database.transaction('store').objectStore('store').count());
  database.close();
  return found;
}

export const storage = {
  'an open transaction of a worker that is gone is undone': (env) => orphan(env, false),
  'a transaction of a worker that is gone is kept once it was committed': (env) => orphan(env, true),

  async 'a change is there once it is committed, whether its worker lives or not'({worker, name}) {
    const database = name();
    const other = await worker();
    await other.run(async (name) => {
      const database = await help.database(name);
      const transaction = database.transaction('store', 'readwrite');
      transaction.objectStore('store').put({id: 1});
      transaction.commit?.();
      await help.next(transaction, 'complete');
    }, database);
    other.terminate();
    return count(database);
  },

  async 'transactions wait for each other'({name}) {
    const database = await help.database(name());
    const said = [];
    const over = [];
    for (const i of [1, 2]) {
      const transaction = database.transaction('store', 'readwrite');
      transaction.objectStore('store').put({id: i}).onsuccess = () => said.push(`put ${i}`);
      over.push(help.next(transaction, 'complete').then(() => said.push(`complete ${i}`)));
    }
    const reading = database.transaction('store').objectStore('store').count();
    reading.onsuccess = () => said.push(`count ${reading.result}`);
    over.push(help.next(reading.transaction ?? reading, reading.transaction ? 'complete' : 'success'));
    await Promise.all(over);
    database.close();
    return said;
  },

  async 'a transaction is over when nothing was asked of it for a turn'({name, worker}) {
    const database = await help.database(name());
    const transaction = database.transaction('store', 'readwrite');
    const store = transaction.objectStore('store');
    await help.result(store.put({id: 1}));
    // In the microtask after the answer, it is still open.
    const inMicrotask = await help.outcome(() => (store.put({id: 2}), 'put'));
    await help.next(transaction, 'complete');
    const later = await help.outcome(() => (store.put({id: 3}), 'put'));
    database.close();
    return {inMicrotask, later};
  },

  async 'a transaction that is aborted'({name}) {
    const called = name();
    const database = await help.database(called);
    const transaction = database.transaction('store', 'readwrite');
    await help.result(transaction.objectStore('store').put({id: 1}));
    const aborted = help.next(transaction, 'abort');
    transaction.abort();
    await aborted;
    database.close();
    return {error: transaction.error, count: await count(called)};
  },

  async 'after commit() nothing more can be asked'({name}) {
    const database = await help.database(name());
    const transaction = database.transaction('store', 'readwrite');
    const store = transaction.objectStore('store');
    store.put({id: 1});
    transaction.commit();
    const later = await help.outcome(() => (store.put({id: 2}), 'put'));
    await help.next(transaction, 'complete');
    database.close();
    return later;
  },

  async 'what can not be stored is refused at once'({name}) {
    const database = await help.database(name());
    const store = database.transaction('store', 'readwrite').objectStore('store');
    const of = (value) => help.outcome(() => (store.put({id: 1, value}), 'put'));
    const outcomes = {
      function: await help.outcome(() => (store.put({id: 1, value: () => {}}), 'put')),
      port: await of(new MessageChannel().port1),
    };
    database.close();
    return outcomes;
  },

  async 'a module of WebAssembly can not be stored'({name}) {
    const database = await help.database(name());
    const store = database.transaction('store', 'readwrite').objectStore('store');
    const outcome = await help.outcome(() => (store.put({id: 1, value: help.unreadable()}), 'put'));
    database.close();
    return outcome;
  },

  async 'who has a database closed lets it go'({name}) {
    const database = await help.database(name());
    database.close();
    return help.outcome(() => (database.transaction('store'), 'begun'));
  },

  async 'a database is deleted once all who have it open let go'({name}) {
    const called = name();
    const database = await help.database(called);
    const said = [];
    database.onversionchange = ({oldVersion, newVersion}) => said.push(['versionchange', oldVersion, newVersion]);
    const request = indexedDB.deleteDatabase(called);
    request.onblocked = () => {
      said.push(['blocked']);
      database.close();
    };
    await help.result(request);
    said.push(['deleted']);
    const names = (await indexedDB.databases()).map(({name}) => name);
    return {said, listed: names.includes(called)};
  },

  async 'who closes at versionchange blocks nobody'({name}) {
    const called = name();
    const database = await help.database(called);
    const said = [];
    database.onversionchange = () => {
      said.push('versionchange');
      database.close();
    };
    const request = indexedDB.deleteDatabase(called);
    request.onblocked = () => said.push('blocked');
    await help.result(request);
    return said;
  },

  async 'databases are listed'({name}) {
    const called = name();
    const before = (await indexedDB.databases()).some(({name}) => name === called);
    (await help.database(called)).close();
    const after = (await indexedDB.databases()).some(({name}) => name === called);
    return {before, after};
  },
};
