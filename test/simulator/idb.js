/**
 * IndexedDB, as far as service workers' libraries use it: stores with key paths, one-column indexes, key ranges,
 * transactions that their context's end aborts unless they have been committed, deletion, and what can go wrong.
 */
import {HOST, clone} from './clone.js';

/** @typedef {import('./world.js').Context} Context */
/** @typedef {{lower: any, upper: any}} Range */
/** @typedef {{path: string | string[], records: Array<{key: any, value: any}>, indexes: Map<string, string>}} Store */
/** @typedef {ReturnType<Database['view']>} View */

/**
 * @param {any} a
 * @param {any} b
 * @returns {number}
 */
function compare(a, b) {
  if (!Array.isArray(a)) return a < b ? -1 : a > b ? 1 : 0;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i], b[i]);
    if (order) return order;
  }
  return a.length - b.length;
}

/**
 * @param {any} value
 * @param {string | string[]} path
 */
const keyAt = (value, path) => (Array.isArray(path) ? path.map((part) => value[part]) : value[path]);

/** @param {Range | undefined} range */
const within = (range) => (/** @type {any} */ key) =>
  !range || (compare(key, range.lower) >= 0 && compare(key, range.upper) <= 0);

export class Database {
  /** @type {Map<string, Store>} */
  stores = new Map();
  /** Those that have not ended, in the order in which they were made. @type {Transaction[]} */
  live = [];
  /** @type {Set<{context: Context, fire: (type: string, more?: object) => void, closed: boolean}>} */
  connections = new Set();
  /** Deletions that wait until all connections are closed. @type {Array<() => void>} */
  deleting = [];
  /** A transaction was left behind that will never end: WebKit. */
  stuck = false;

  /**
   * @param {string} name
   * @param {import('./scheduler.js').Lane} lane
   */
  constructor(name, lane) {
    this.name = name;
    this.lane = lane;
  }

  /** All that is there. @returns {any[]} */
  records() {
    return [...this.stores.values()].flatMap(({records}) => records.map(({value}) => value));
  }

  /**
   * What a transaction may do.
   *
   * @param {Array<() => void>} undo takes back what it has done
   */
  view(undo) {
    const storeOf = (/** @type {string} */ name) => /** @type {Store} */ (this.stores.get(name));
    const find = (/** @type {Store} */ {records}, /** @type {any} */ key) => {
      let [low, high] = [0, records.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (compare(records[middle].key, key) < 0) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return {
      put(/** @type {string} */ name, /** @type {any} */ value) {
        const store = storeOf(name);
        const key = keyAt(value, store.path);
        const i = find(store, key);
        const old = store.records[i] && compare(store.records[i].key, key) === 0 ? [store.records[i]] : [];
        store.records.splice(i, old.length, {key, value});
        undo.push(() => store.records.splice(find(store, key), 1, ...old));
        return key;
      },
      delete(/** @type {string} */ name, /** @type {Range | undefined} */ range) {
        const store = storeOf(name);
        const before = store.records;
        const isGone = within(range);
        store.records = before.filter(({key}) => !isGone(key));
        undo.push(() => (store.records = before));
      },
      getAll(
        /** @type {string} */ name,
        /** @type {string | undefined} */ index,
        /** @type {Range | undefined} */ range,
      ) {
        const store = storeOf(name);
        const path = index === undefined ? undefined : store.indexes.get(index);
        const fits = within(range);
        return store.records.filter(({key, value}) => fits(path ? keyAt(value, path) : key)).map(({value}) => value);
      },
    };
  }
}

export class Transaction {
  /** @type {'waiting' | 'active' | 'finished'} */
  state = 'waiting';
  committing = false;
  /** In the realm. @type {(type: string, error?: [string, string]) => void} */
  ended = () => {};
  /** @type {Array<{make: (view: View) => any, done: (result: any) => void}>} */
  #requests = [];
  /** @type {Array<() => void>} */
  #undo = [];
  #view;
  #busy = false;
  #world;

  /**
   * @param {import('./world.js').World} world
   * @param {Context} context
   * @param {Database} database
   * @param {string[]} names
   * @param {string} mode
   */
  constructor(world, context, database, names, mode) {
    this.#world = world;
    this.context = context;
    this.database = database;
    this.names = names;
    this.mode = mode;
    this.#view = database.view(this.#undo);
    database.live.push(this);
    context.transactions.add(this);
    this.tryStart();
  }

  /** Begins when no earlier one is in its way. */
  tryStart() {
    const {live, stuck} = this.database;
    if (this.state !== 'waiting' || stuck) return;
    const isInTheWay = (/** @type {Transaction} */ other) =>
      (other.mode === 'readwrite' || this.mode === 'readwrite') &&
      other.names.some((name) => this.names.includes(name));
    if (live.slice(0, live.indexOf(this)).some(isInTheWay)) return;
    this.state = 'active';
    this.#pump();
  }

  /**
   * @param {(view: View) => any} make
   * @param {(result: any) => void} done
   */
  ask(make, done) {
    if (this.state === 'finished' || this.committing) {
      this.context.realm.fail('', 'TransactionInactiveError');
    }
    this.#requests.push({make, done});
    this.#pump();
  }

  #pump() {
    if (this.state !== 'active' || this.#busy) return;
    this.#busy = true;
    const {lane} = this.database;
    const {databases, scheduler} = this.#world;
    const take = () => {
      this.#busy = false;
      if (this.state !== 'active') return;
      const request = this.#requests.shift();
      if (!request) {
        const error = databases.trouble(this.context.place).full && this.mode === 'readwrite';
        this.finish(error ? 'abort' : 'complete', error ? ['No room is left.', 'QuotaExceededError'] : undefined);
        return;
      }
      const result = request.make(this.#view);
      this.#world.enter(this.context, 'request', () => request.done(result));
      this.#pump();
    };
    const {slow} = databases.trouble(this.context.place);
    if (slow) scheduler.after(this.#world.random.between(0, slow), take, lane);
    else lane.push(take);
  }

  /**
   * @param {'complete' | 'abort'} type
   * @param {[string, string]} [error]
   */
  finish(type, error) {
    if (this.state === 'finished') return;
    this.state = 'finished';
    const {live, lane} = this.database;
    live.splice(live.indexOf(this), 1);
    this.context.transactions.delete(this);
    if (type === 'abort') this.#undo.reverse().forEach((act) => act());
    lane.push(() => this.#world.enter(this.context, `transaction ${type}`, () => this.ended(type, error)));
    for (const next of [...live]) next.tryStart();
  }

  /** Its context has ended: what has been committed goes on. */
  orphan() {
    if (!this.committing) this.finish('abort');
    else if (this.state === 'waiting' && this.#world.profile.leavesTransactions) this.database.stuck = true;
  }
}

/** What is wrong with a place's storage. @typedef {{slow: number, full: boolean, failing: boolean, blocked: boolean}} Trouble */

export class Databases {
  #world;
  /** @type {WeakMap<import('./world.js').Place, Trouble>} */
  #troubles = new WeakMap();
  /** Openings that wait until a place's database is no longer blocked. @type {Array<{place: import('./world.js').Place, go: () => void}>} */
  #waiting = [];

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  /** @param {import('./world.js').Place} place */
  trouble(place) {
    let trouble = this.#troubles.get(place);
    if (!trouble) this.#troubles.set(place, (trouble = {slow: 0, full: false, failing: false, blocked: false}));
    return trouble;
  }

  /**
   * @param {import('./world.js').Place} place
   * @param {Partial<Trouble>} change
   */
  disturb(place, change) {
    Object.assign(this.trouble(place), change);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const {go} of waiting) go();
  }

  /** @param {Context} context that has ended */
  end(context) {
    for (const transaction of [...context.transactions]) transaction.orphan();
    for (const database of context.place.databases.values()) {
      for (const connection of database.connections) {
        if (connection.context === context) this.#disconnect(database, connection);
      }
    }
  }

  /**
   * @param {Database} database
   * @param {any} connection
   */
  #disconnect(database, connection) {
    database.connections.delete(connection);
    if (database.connections.size === 0) for (const go of database.deleting.splice(0)) go();
  }

  /**
   * Has all who have it open let go, and waits until they have.
   *
   * @param {Context} context who asks
   * @param {string} name
   * @param {() => void} blocked
   * @param {() => void} done
   */
  #delete(context, name, blocked, done) {
    const world = this.#world;
    const {place} = context;
    const answer = (/** @type {string} */ label, /** @type {() => void} */ run) =>
      context.lane.push(() => world.enter(context, label, run));
    const database = place.databases.get(name);
    const go = () => {
      if (database && place.databases.get(name) === database) place.databases.delete(name);
      answer('database deleted', done);
    };
    if (!database || database.connections.size === 0) {
      go();
      return;
    }
    let left = database.connections.size;
    for (const {context: holder, fire} of database.connections) {
      database.lane.push(() => {
        world.enter(holder, 'database versionchange', () => fire('versionchange', {oldVersion: 1, newVersion: null}));
        if (--left === 0 && database.connections.size > 0) answer('database blocked', blocked);
      });
    }
    database.deleting.push(go);
  }

  /** All that a place has stored is cleared. @param {import('./world.js').Place} place */
  clear(place) {
    for (const [name, database] of place.databases) {
      place.databases.delete(name);
      for (const transaction of [...database.live]) transaction.finish('abort', ['It is gone.', 'AbortError']);
      for (const {context, fire} of database.connections) {
        context.lane.push(() => this.#world.enter(context, 'database close', () => fire('close')));
      }
    }
  }

  /** @param {Context} context */
  api(context) {
    const {place} = context;
    const world = this.#world;
    const {scheduler, random} = world;
    return {
      names: () => [...place.databases.keys()],
      /** @type {(name: string, callbacks: {upgrade: (database: Database) => void, opened: (connection: any, database: Database) => void, failed: () => void, fire: (type: string, more?: object) => void}) => void} */
      open: (name, {upgrade, opened, failed, fire}) => {
        const go = () => {
          const {blocked, failing, slow} = this.trouble(place);
          if (blocked) {
            this.#waiting.push({place, go});
            return;
          }
          scheduler.after(
            slow && random.between(0, slow),
            () => {
              if (!context.alive) return;
              if (failing) {
                world.enter(context, 'database error', failed);
                return;
              }
              let database = place.databases.get(name);
              if (!database) {
                place.databases.set(name, (database = new Database(name, scheduler.lane())));
                const made = database;
                world.enter(context, 'database upgrade', () => upgrade(made));
                if (!context.alive) {
                  // The change of version was aborted with it.
                  place.databases.delete(name);
                  return;
                }
              }
              const connection = {context, fire, closed: false};
              database.connections.add(connection);
              const found = database;
              context.lane.push(() => world.enter(context, 'database open', () => opened(connection, found)));
            },
            context.lane,
          );
        };
        go();
      },
      /** @type {(connection: any, database: Database) => void} */
      close: (connection, database) => this.#disconnect(database, connection),
      /** @type {(name: string, blocked: () => void, done: () => void) => void} */
      delete: (name, blocked, done) => context.lane.push(() => this.#delete(context, name, blocked, done)),
      /** @type {(database: Database, names: string[], mode: string) => Transaction} */
      transaction: (database, names, mode) => new Transaction(world, context, database, names, mode),
      freeze: (/** @type {any} */ value) => {
        const {fail} = context.realm;
        const memo = new Map();
        const copy = clone(value, HOST, fail, memo);
        for (const part of memo.values()) if (part instanceof HOST.Unreadable) fail('Such an object');
        return copy;
      },
      thaw: (/** @type {any} */ value) => clone(value, context.realm.intrinsics, context.realm.fail),
      soon: (/** @type {() => void} */ run) => context.lane.push(() => world.enter(context, 'databases', run)),
    };
  }
}

/** @param {any} host */
export function databases(host) {
  const {fire, attribute} = host.realm;
  class IDBRequest extends EventTarget {
    /** @type {any} */
    result = undefined;
    /** @type {any} */
    error = null;
  }
  for (const type of ['success', 'error', 'upgradeneeded', 'blocked']) attribute(IDBRequest.prototype, type);
  const rangeOf = (/** @type {any} */ range) =>
    range === undefined || range?.lower !== undefined ? range : {lower: range, upper: range};

  class IDBObjectStore {
    #core;
    #name;
    /** @type {string | undefined} */
    #index;
    /** @type {any} */
    transaction;
    constructor(
      /** @type {any} */ core,
      /** @type {string} */ name,
      /** @type {string} */ index,
      /** @type {any} */ transaction,
    ) {
      this.transaction = transaction;
      this.#core = core;
      this.#name = name;
      this.#index = index;
    }
    #ask(/** @type {(view: any) => any} */ make) {
      const request = new IDBRequest();
      this.#core.ask(make, (/** @type {any} */ result) => {
        request.result = result;
        fire(request, new Event('success'));
      });
      return request;
    }
    put(/** @type {any} */ value) {
      const copy = host.databases.freeze(value);
      return this.#ask((view) => view.put(this.#name, copy));
    }
    delete(/** @type {any} */ range) {
      return this.#ask((view) => view.delete(this.#name, rangeOf(range)));
    }
    get(/** @type {any} */ range) {
      return this.#ask((view) => host.databases.thaw(view.getAll(this.#name, this.#index, rangeOf(range))[0]));
    }
    getAll(/** @type {any} */ range) {
      return this.#ask((view) => host.databases.thaw(view.getAll(this.#name, this.#index, rangeOf(range))));
    }
    count(/** @type {any} */ range) {
      return this.#ask((view) => view.getAll(this.#name, this.#index, rangeOf(range)).length);
    }
    index(/** @type {string} */ name) {
      return new IDBObjectStore(this.#core, this.#name, name, this.transaction);
    }
    createIndex(/** @type {string} */ name, /** @type {string} */ path) {
      this.#core.stores.get(this.#name).indexes.set(name, path);
    }
  }
  class IDBTransaction extends EventTarget {
    #core;
    /** @type {any} */
    error = null;
    constructor(/** @type {any} */ core) {
      super();
      this.#core = core;
      core.ended = (/** @type {string} */ type, /** @type {[string, string]} */ error) => {
        if (error) this.error = new DOMException(...error);
        fire(this, new Event(type));
      };
    }
    objectStore(/** @type {string} */ name) {
      if (!this.#core.database.stores.has(name)) throw new DOMException(name, 'NotFoundError');
      return new IDBObjectStore(this.#core, name, /** @type {any} */ (undefined), this);
    }
    commit() {
      this.#core.committing = true;
    }
    abort() {
      this.#core.finish('abort');
    }
  }
  for (const type of ['complete', 'abort', 'error']) attribute(IDBTransaction.prototype, type);
  class IDBDatabase extends EventTarget {
    #core;
    #connection;
    constructor(/** @type {any} */ core, /** @type {any} */ connection) {
      super();
      this.#core = core;
      this.#connection = connection;
    }
    createObjectStore(/** @type {string} */ name, /** @type {{keyPath: string | string[]}} */ {keyPath}) {
      this.#core.stores.set(name, {path: keyPath, records: [], indexes: new Map()});
      return new IDBObjectStore(this.#core, name, /** @type {any} */ (undefined), undefined);
    }
    transaction(/** @type {string | string[]} */ names, /** @type {string} */ mode = 'readonly') {
      if (this.#connection?.closed) throw new DOMException('It is closed.', 'InvalidStateError');
      return new IDBTransaction(host.databases.transaction(this.#core, [names].flat(), mode));
    }
    close() {
      if (this.#connection) this.#connection.closed = true;
      host.databases.close(this.#connection, this.#core);
    }
  }
  for (const type of ['close', 'versionchange']) attribute(IDBDatabase.prototype, type);

  const indexedDB = {
    open(/** @type {string} */ name) {
      const request = new IDBRequest();
      /** @type {any} */
      let database;
      host.databases.open(name, {
        upgrade(/** @type {any} */ core) {
          request.result = new IDBDatabase(core, undefined);
          fire(request, new Event('upgradeneeded'));
        },
        opened(/** @type {any} */ connection, /** @type {any} */ core) {
          request.result = database = new IDBDatabase(core, connection);
          fire(request, new Event('success'));
        },
        failed() {
          request.error = new DOMException('It can not be read.', 'UnknownError');
          fire(request, new Event('error'));
        },
        fire: (/** @type {string} */ type, /** @type {object} */ more) => {
          if (type === 'close') database.close();
          fire(database, Object.assign(new Event(type), more));
        },
      });
      return request;
    },
    deleteDatabase(/** @type {string} */ name) {
      const request = new IDBRequest();
      host.databases.delete(
        name,
        () => fire(request, new Event('blocked')),
        () => fire(request, new Event('success')),
      );
      return request;
    },
    databases: () =>
      new Promise((resolve) =>
        host.databases.soon(() =>
          resolve(host.databases.names().map((/** @type {string} */ name) => ({name, version: 1}))),
        ),
      ),
  };
  const IDBKeyRange = {
    bound: (/** @type {any} */ lower, /** @type {any} */ upper) => ({lower, upper}),
    only: (/** @type {any} */ key) => ({lower: key, upper: key}),
  };
  host.define({indexedDB, IDBKeyRange, IDBRequest, IDBDatabase, IDBTransaction, IDBObjectStore});
}
