/**
 * What each engine does, as it was found. A browser that does otherwise fails, and so does the box that is set to this
 * engine: over some seeds, it has to show all that may be, and nothing else.
 */

/** One of these: nothing says which. */
export class Any {
  constructor(...facts) {
    this.facts = facts;
  }
}
const any = (...facts) => new Any(...facts);

/** As the engines differ. */
class ByEngine {
  constructor(facts) {
    this.facts = facts;
  }
}
const by = (facts) => new ByEngine(facts);

/** @type {Record<string, any>} */
const expected = {
  'microtasks run between two listeners of a native event': ['first', 'microtask', 'second'],
  'microtasks run after all listeners of an event that a script dispatches': ['first', 'second', 'microtask'],
  'listeners that are removed or added meanwhile': ['first'],
  'a listener that throws keeps no other from running': 'heard',
  'a port keeps the order': 'as posted',
  'two ports from the same context': any('as posted', 'otherwise'),
  'a port and a broadcast channel from the same context': any('as posted', 'otherwise'),
  'a port and what is posted to the window, from the same frame': any('as posted', 'otherwise'),
  'what was queued at a port travels with it': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  'a port that goes on and on loses nothing': 'as posted',
  'messages wait until the port is started': {after: 1, before: 0},
  'what is posted before close() arrives': [1, 2],
  'who closes its port hears nothing more': by({chromium: [], firefox: ['message']}),
  'posting to a port of a worker that is gone, and what its peer hears': [],
  'the close event of ports': {attribute: false, said: []},
  'a port in the data is that among the ports': [true, true, true, true],
  'what can not be cloned': {
    'a getter that throws': 'RangeError',
    'a port through itself': 'DataCloneError',
    'broadcast channel': 'DataCloneError',
    'detached buffer to be transferred': 'DataCloneError',
    'event target': 'DataCloneError',
    function: 'DataCloneError',
    'port that is not transferred': 'DataCloneError',
    promise: 'DataCloneError',
    proxy: 'DataCloneError',
    symbol: 'DataCloneError',
    'the same twice': 'DataCloneError',
    weakMap: 'DataCloneError',
    'what is no transferable': 'DataCloneError',
  },
  'a detached buffer can be cloned': 'DataCloneError',
  'what is transferred is empty behind, also where posting it fails': {afterFailure: 8, again: 'posted', behind: 0},
  'a port that was transferred posts into nothing': by({
    chromium: {again: 'DataCloneError', cloneErrorStill: 'posted', close: 'closed', peer: 'posted', post: 'posted'},
    firefox: {
      again: 'DataCloneError',
      cloneErrorStill: 'DataCloneError',
      close: 'closed',
      peer: 'posted',
      post: 'posted',
    },
  }),
  'copies of errors, classes and holes': {
    boxed: 'object',
    buffers: [true, 2, 3, 8],
    cyclic: true,
    date: 5,
    domException: [true, 'AbortError'],
    error: [true, 'TypeError', 'why'],
    list: [3, false, 1],
    map: [true, 2, false],
    odd: ['Error', 'odd', false],
    own: ['__proto__', 'a'],
    plain: [true, 1, false],
    regExp: '/a/gi',
  },
  'what can not be read in another worker is an error there': [
    ['messageerror', null],
    ['message', 'next'],
  ],
  'a broadcast reaches all others, in order': {
    all: [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ],
    itself: [],
  },
  'a broadcast channel that is closed': {post: 'InvalidStateError', said: []},
  'a broadcast can carry no port': {function: 'DataCloneError', port: 'DataCloneError'},
  'what a window posts to another origin than it names is dropped': {count: 1, data: 'for it', isOurs: true},
  'timers of the same time keep their order': ['0', 'a', 'b', 'c', '20', '30'],
  'the clock does not go back, and goes on': {agrees: true, monotonic: true, waited: true},
  'a signal that times out': {after: true, before: false, reason: 'TimeoutError', type: true},
  'a signal that is aborted': {reason: 'AbortError', said: ['heard'], throws: 'AbortError'},
  'a module that failed to load can be imported again': by({
    chromium: {again: 'loaded', first: 'TypeError'},
    firefox: {again: 'TypeError', first: 'TypeError'},
  }),
  'an exclusive lock goes from one to the next': ['released', 'first', 'first is done', 'second'],
  'shared locks: together, and not past one that waits': {available: false, said: ['released', 'exclusive', 'later']},
  'only if it is available': {after: true, before: [true, 'exclusive'], meanwhile: false},
  'a request that is aborted': {aborted: 'AbortError', before: 'AbortError', behind: 'behind', held: 'held on'},
  'a callback that throws': {free: true, outcome: 'RangeError'},
  'a lock is taken away': {held: 'AbortError', steal: 'stolen', waiting: 'waited'},
  'who holds and waits, by query()': {held: [['exclusive', 'string']], pending: [['shared', 'string']]},
  'names of locks': {1024: 'held', 1025: 'held', empty: 'held', hyphen: 'NotSupportedError'},
  'a lock of a worker that is terminated': {freeBefore: false, said: ['first', 'second']},
  'a lock of a worker that closes itself': {freeBefore: false, said: ['first', 'second']},
  'a lock of a frame that is removed': {freeBefore: false, said: ['first', 'second']},
  'a lock of a tab that is closed': {freeBefore: false, said: ['first', 'second']},
  'a lock of a shared worker that closes itself': {freeBefore: false, said: ['first', 'second']},
  'a request of a worker that is gone does not stand in the way': 'got it',
  'an open transaction of a worker that is gone is undone': 0,
  'a transaction of a worker that is gone is kept once it was committed': 1,
  'a change is there once it is committed, whether its worker lives or not': 1,
  'transactions wait for each other': ['put 1', 'complete 1', 'put 2', 'complete 2', 'count 2'],
  'a transaction is over when nothing was asked of it for a turn': {
    inMicrotask: 'put',
    later: 'TransactionInactiveError',
  },
  'a transaction that is aborted': {count: 0, error: null},
  'after commit() nothing more can be asked': 'TransactionInactiveError',
  'what can not be stored is refused at once': {function: 'DataCloneError', port: 'DataCloneError'},
  'a module of WebAssembly can not be stored': 'DataCloneError',
  'who has a database closed lets it go': 'InvalidStateError',
  'a database is deleted once all who have it open let go': {
    listed: false,
    said: [['versionchange', 1, null], ['blocked'], ['deleted']],
  },
  'who closes at versionchange blocks nobody': ['versionchange'],
  'databases are listed': {after: true, before: false},
  'windows share a worker by its name': {again: true, other: false, same: true},
  'a shared worker ends with its last client': {firstLeft: true, free: false, secondLeft: false},
  'a shared worker that has ended, while a window holds on to it': by({
    chromium: 'another is started',
    firefox: 'it is handed out',
  }),
  'a shared worker that assigns onconnect late': by({chromium: [], firefox: ['first']}),
  'what is posted to a shared worker before it runs arrives': [1, 2, 3],
  'a shared worker whose script is missing': 'error',
  'what is posted to a worker before it runs arrives in order': [1, 2, 3],
  'a worker ends with its frame': {before: false},
  'what is where': by({
    chromium: {
      'service worker': {
        BroadcastChannel: 'function',
        SharedWorker: 'undefined',
        Worker: 'undefined',
        indexedDB: 'object',
        locks: true,
        serviceWorker: false,
      },
      'shared worker': {
        BroadcastChannel: 'function',
        SharedWorker: 'undefined',
        Worker: 'undefined',
        indexedDB: 'object',
        locks: true,
        serviceWorker: false,
      },
      window: {
        BroadcastChannel: 'function',
        SharedWorker: 'function',
        Worker: 'function',
        indexedDB: 'object',
        locks: true,
        serviceWorker: true,
      },
      worker: {
        BroadcastChannel: 'function',
        SharedWorker: 'undefined',
        Worker: 'function',
        indexedDB: 'object',
        locks: true,
        serviceWorker: false,
      },
    },
    firefox: {
      'service worker': {
        BroadcastChannel: 'function',
        SharedWorker: 'undefined',
        Worker: 'undefined',
        indexedDB: 'object',
        locks: true,
        serviceWorker: true,
      },
      'shared worker': {
        BroadcastChannel: 'function',
        SharedWorker: 'undefined',
        Worker: 'function',
        indexedDB: 'object',
        locks: true,
        serviceWorker: true,
      },
      window: {
        BroadcastChannel: 'function',
        SharedWorker: 'function',
        Worker: 'function',
        indexedDB: 'object',
        locks: true,
        serviceWorker: true,
      },
      worker: {
        BroadcastChannel: 'function',
        SharedWorker: 'undefined',
        Worker: 'function',
        indexedDB: 'object',
        locks: true,
        serviceWorker: true,
      },
    },
  }),
  'states of a first version': {
    said: ['installing', 'installed', 'activating', 'activated'],
    where: [['waiting'], ['active'], ['active']],
  },
  'what a worker sees of itself while it is installed': by({
    chromium: [
      ['evaluated', [], 'parsed'],
      ['install', ['installing'], 'installing'],
      ['activate', ['active'], 'activating'],
    ],
    firefox: [
      ['evaluated', [], 'undefined'],
      ['install', ['installing'], 'undefined'],
      ['activate', ['active'], 'undefined'],
    ],
  }),
  'what the next version sees of itself': by({
    chromium: [
      ['evaluated', [], 'parsed'],
      ['install', ['installing'], 'installing'],
      ['activate', ['active'], 'activating'],
    ],
    firefox: [
      ['evaluated', [], 'undefined'],
      ['install', ['installing'], 'undefined'],
      ['activate', ['active'], 'undefined'],
    ],
  }),
  'the same script again is the same worker': {active: true, installing: null, same: true},
  'a worker that does not run': {left: 0, outcome: 'TypeError'},
  'a worker that refuses to be installed': ['installing', 'redundant'],
  'a script that is missing': 'TypeError',
  updatefound: 'heard',
  'a new version waits until the pages are closed': {
    before: ['activated', 'installed'],
    isControlled: true,
    old: 'redundant',
    said: ['installed', 'activating', 'activated'],
  },
  'a new version that skips waiting': {old: 'redundant'},
  'what is posted to a worker arrives in order': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  'what is posted to a worker that is being installed waits until it is active': ['early', 'activate'],
  'a worker that listens late': 2,
  'a port between a page and a worker': 2,
  'who posted, as a worker is told': ['WindowClient', 'window', 'string', true],
  'extending the life of an event that is over': 'InvalidStateError',
  'a new script after the installation': {again: 'imported', early: 1, late: 'NetworkError'},
  'unregistering, where there is no page': {again: false, left: false, outcome: true, said: ['activated', 'redundant']},
  'unregistering while a page is controlled': {
    after: 'redundant',
    answers: 'answers',
    before: 'activated',
    left: false,
  },
  'unregistered and registered again': {old: 'redundant', same: false},
  'who is among the clients': {all: ['sharedworker', 'window', 'worker'], controlled: [], windows: ['window']},
  'a worker posts to a window, with a port': ['with a port', 2, 'ServiceWorker', true],
  'a window need not ask for what workers post, once it is loaded': 'to whoever listens',
  'a worker posts to a shared worker': {heard: [], listed: true},
  'a worker knows itself': ['activated', true, false],
  'a shared worker lists registrations': 'it can not',
  'what a frame of the same origin shares': {
    channels: true,
    databases: true,
    locks: true,
    registrations: true,
    workers: true,
  },
  'what a frame of the same site shares': {
    channels: true,
    databases: true,
    locks: true,
    registrations: true,
    workers: true,
  },
  'what a frame of another site shares': {
    channels: false,
    databases: false,
    locks: false,
    registrations: false,
    workers: false,
  },
  'a frame of another site has service workers of its own': {answer: 'answers', seen: 1},
  'two frames of another site share what they have': {locks: true, workers: true},
  'query() of locks in a frame of another site': 'number',
  'query() of locks in a frame of the same site': 'number',
  'going back to a page': 'again',
  'going back to a page with a broadcast channel, a database, a shared worker': 'again',
  'going back to a page that holds a lock': 'again',
  'going back to a page that holds a lock of a worker of its': 'again',
  'going back to a page that gave its lock back when it was left': 'again',
  'a broadcast to a page that was left': 'loaded',
  'what a removed frame says at its end': ['channel false', 'port'],
  'a frame that can not be loaded': 'load',
  'a frame is loaded once its scripts have run': ['load', 'message'],
  'a removed frame takes what was posted to it along': [],
};

/**
 * @param {string} name
 * @param {string} engine
 * @returns {any[]} what may be
 */
export function expectedOf(name, engine) {
  if (!(name in expected)) return [];
  let fact = expected[name];
  if (fact instanceof ByEngine) fact = fact.facts[engine];
  return fact instanceof Any ? fact.facts : [fact];
}

/** A fact as text: the same for the same. */
export const textOf = (fact) =>
  JSON.stringify(fact, (_, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value === undefined
        ? 'undefined'
        : value,
  );
