/**
 * What each engine does, as it was found. A browser that does otherwise fails, and so does the box that is set to this
 * engine: over some seeds, it has to show all that may be, and nothing else.
 */

/** One of these: nothing says which. */
class Any {
  constructor(...facts) {
    this.facts = facts;
  }
}
const any = (...facts) => new Any(...facts);

/** As the engines differ. One that is not named has no means to find out. */
class ByEngine {
  constructor(facts) {
    this.facts = facts;
  }
}
const by = (facts) => new ByEngine(facts);

/** What the box does otherwise, and how: it fails once it no longer does. */
class Unlike {
  constructor(fact, why) {
    this.fact = fact;
    this.why = why;
  }
}
const unlike = (fact, why) => new Unlike(fact, why);

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
  'who closes its port hears nothing more': by({chromium: [], firefox: any([], ['message']), webkit: []}),
  'posting to a port of a worker that is gone, and what its peer hears': [],
  'the close event of ports': {attribute: false, said: []},
  'a port in the data is that among the ports': [true, true, true, true],
  'what can not be cloned': by({
    chromium: {
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
    firefox: {
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
    webkit: unlike(
      {
        'a getter that throws': 'RangeError',
        'a port through itself': 'DataCloneError',
        'broadcast channel': 'DataCloneError',
        'detached buffer to be transferred': 'DataCloneError',
        'event target': 'DataCloneError',
        function: 'DataCloneError',
        'port that is not transferred': 'TypeError',
        promise: 'DataCloneError',
        proxy: 'DataCloneError',
        symbol: 'DataCloneError',
        'the same twice': 'DataCloneError',
        weakMap: 'DataCloneError',
        'what is no transferable': 'DataCloneError',
      },
      'it throws a DataCloneError, as the others do',
    ),
  }),
  'a copy of a detached buffer': by({
    chromium: 'DataCloneError',
    firefox: 'DataCloneError',
    webkit: unlike('TypeError', 'it throws a DataCloneError, as the others do'),
  }),
  'what is transferred is empty behind, also where posting it fails': {afterFailure: 8, again: 'posted', behind: 0},
  'a port that was transferred posts into nothing': {
    again: 'DataCloneError',
    close: 'closed',
    peer: 'posted',
    post: 'posted',
  },
  'copies of errors, classes and holes': by({
    chromium: {
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
    firefox: {
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
    webkit: unlike(
      {
        boxed: 'object',
        buffers: [true, 2, 3, 8],
        cyclic: true,
        date: 5,
        domException: [true, 'AbortError'],
        error: [true, 'TypeError', 'why'],
        list: [3, false, 1],
        map: [true, 2, true],
        odd: ['Error', 'odd', false],
        own: ['__proto__', 'a'],
        plain: [true, 1, false],
        regExp: '/a/gi',
      },
      'a map has lost its own properties, as in the others',
    ),
  }),
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
  'a broadcast can carry no port': by({
    chromium: {function: 'DataCloneError', port: 'DataCloneError'},
    firefox: {function: 'DataCloneError', port: 'DataCloneError'},
    webkit: unlike({function: 'DataCloneError', port: 'TypeError'}, 'it throws a DataCloneError, as the others do'),
  }),
  'what a window posts to another origin than it names is dropped': {count: 1, data: 'for it', isOurs: true},
  'timers of the same time keep their order': ['0', 'a', 'b', 'c', '20', '30'],
  'the clock does not go back, and goes on': {agrees: true, monotonic: true, waited: true},
  'a signal that times out': {after: true, before: false, reason: 'TimeoutError', type: true},
  'a signal that is aborted': {reason: 'AbortError', said: ['heard'], throws: 'AbortError'},
  'a module that failed to load can be imported again': by({
    chromium: {again: 'loaded', first: 'TypeError'},
    firefox: {again: 'TypeError', first: 'TypeError'},
    webkit: {again: 'loaded', first: 'TypeError'},
  }),
  'an exclusive lock goes from one to the next': ['released', 'first', 'first is done', 'second'],
  'shared locks: together, and not past one that waits': {available: false, said: ['released', 'exclusive', 'later']},
  'only if it is available': {after: true, before: [true, 'exclusive'], meanwhile: false},
  'a request that is aborted': {aborted: 'AbortError', before: 'AbortError', behind: 'behind', held: 'held on'},
  'a callback that throws': {free: true, outcome: 'RangeError'},
  'a lock is taken away': {held: 'AbortError', steal: 'stolen', waiting: 'waited'},
  'who holds and waits, by query()': {held: [['exclusive', 'string']], pending: [['shared', 'string']]},
  'names of locks': by({
    chromium: {1024: 'held', 1025: 'held', empty: 'held', hyphen: 'NotSupportedError'},
    firefox: {1024: 'held', 1025: 'held', empty: 'held', hyphen: 'NotSupportedError'},
    webkit: {1024: 'held', 1025: 'NotSupportedError', empty: 'held', hyphen: 'NotSupportedError'},
  }),
  'a lock of a worker that is terminated': {freeBefore: false, said: ['first', 'second']},
  'a lock of a worker that closes itself': {freeBefore: false, said: ['first', 'second']},
  'a lock of a frame that is removed': {freeBefore: false, said: ['first', 'second']},
  'a lock of a tab that is closed': {freeBefore: false, said: ['first', 'second']},
  'a lock of a shared worker that closes itself': {freeBefore: false, said: ['first', 'second']},
  'a request of a worker that is gone does not stand in the way': 'got it',
  'what a worker posts before its end, and its lock': any(['last', 'free'], ['free', 'last']),
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
  'what can not be stored is refused at once': by({
    chromium: {function: 'DataCloneError', port: 'DataCloneError'},
    firefox: {function: 'DataCloneError', port: 'DataCloneError'},
    webkit: unlike({function: 'DataCloneError', port: 'TypeError'}, 'it throws a DataCloneError, as the others do'),
  }),
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
    webkit: 'another is started',
  }),
  'a shared worker that listens late to its clients': {after: 1, before: 0},
  'what is posted to a shared worker before it runs arrives': [1, 2, 3],
  'a shared worker whose script is missing': by({chromium: any('error', 'nothing'), firefox: 'error', webkit: 'error'}),
  'what is posted to a worker before it runs arrives in order': [0, 1, 2, 3, 4],
  'a worker ends with its frame': {before: false},
  'what is where': by({
    chromium: {
      'service worker': {
        BroadcastChannel: 'function',
        SharedWorker: undefined,
        Worker: undefined,
        indexedDB: 'object',
        locks: true,
        serviceWorker: false,
      },
      'shared worker': {
        BroadcastChannel: 'function',
        SharedWorker: undefined,
        Worker: undefined,
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
        SharedWorker: undefined,
        Worker: 'function',
        indexedDB: 'object',
        locks: true,
        serviceWorker: false,
      },
    },
    firefox: {
      'service worker': {
        BroadcastChannel: 'function',
        SharedWorker: undefined,
        Worker: undefined,
        indexedDB: 'object',
        locks: true,
        serviceWorker: true,
      },
      'shared worker': {
        BroadcastChannel: 'function',
        SharedWorker: undefined,
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
        SharedWorker: undefined,
        Worker: 'function',
        indexedDB: 'object',
        locks: true,
        serviceWorker: true,
      },
    },
    webkit: {
      'service worker': {
        BroadcastChannel: 'function',
        SharedWorker: undefined,
        Worker: undefined,
        indexedDB: 'object',
        locks: true,
        serviceWorker: true,
      },
      'shared worker': {
        BroadcastChannel: 'function',
        SharedWorker: undefined,
        Worker: undefined,
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
        SharedWorker: undefined,
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
      ['install', 'knows', 'installing'],
      ['activate', 'knows', 'activating'],
    ],
    // On a busy machine, the registration is told of it after the event.
    firefox: any(
      [
        ['evaluated', [], undefined],
        ['install', 'knows', undefined],
        ['activate', 'knows', undefined],
      ],
      [
        ['evaluated', [], undefined],
        ['install', 'knows', undefined],
        ['activate', 'not yet', undefined],
      ],
      [
        ['evaluated', [], undefined],
        ['install', 'not yet', undefined],
        ['activate', 'knows', undefined],
      ],
      [
        ['evaluated', [], undefined],
        ['install', 'not yet', undefined],
        ['activate', 'not yet', undefined],
      ],
    ),
    webkit: [
      ['evaluated', [], 'parsed'],
      ['install', 'knows', 'installing'],
      ['activate', 'knows', 'activating'],
    ],
  }),
  'the same script again is the same worker': {active: true, installing: null, same: true},
  'a worker that does not run': {left: 0, outcome: 'TypeError'},
  'a worker that refuses to be installed': ['installing', 'redundant'],
  'a script that is missing': 'TypeError',
  updatefound: 'heard',
  'what is posted to a worker arrives in order': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  'what is posted to a worker that is being installed': any(['early', 'activate'], ['activate', 'early']),
  'a worker that listens late': 2,
  'a port between a page and a worker': 2,
  'who posted, as a worker is told': ['WindowClient', 'window', 'string', true],
  'extending the life of an event that is over': 'InvalidStateError',
  'a new script after the installation': {again: 'imported', early: 1, late: 'NetworkError'},
  'who is among the clients': by({
    chromium: {all: ['sharedworker', 'window', 'worker'], controlled: [], windows: ['window']},
    firefox: {all: ['serviceworker itself', 'sharedworker', 'window', 'worker'], controlled: [], windows: ['window']},
    webkit: {all: ['sharedworker', 'window', 'worker'], controlled: [], windows: ['window']},
  }),
  'a worker posts to a window, with a port': ['with a port', 2, 'ServiceWorker', true],
  'a window need not ask for what workers post, once it is loaded': 'to whoever listens',
  'a worker posts to a shared worker': by({
    chromium: {heard: [], listed: true},
    firefox: {heard: ['container: to a shared worker'], listed: true},
    webkit: {heard: ['container: to a shared worker'], listed: true},
  }),
  'a worker knows itself': by({
    chromium: [true, true, false],
    firefox: [undefined, true, true],
    webkit: [true, true, true],
  }),
  'a shared worker lists registrations': by({chromium: 'it can not', firefox: true, webkit: true}),
  'what a frame of the same origin shares': {
    channels: true,
    databases: true,
    locks: true,
    registrations: true,
    workers: true,
  },
  'what a frame of the same site shares': by({
    chromium: {channels: true, databases: true, locks: true, registrations: true, workers: true},
    firefox: {channels: true, databases: true, locks: true, registrations: true, workers: true},
    webkit: {channels: false, databases: false, locks: false, registrations: false, workers: false},
  }),
  'what a frame of another site shares': {
    channels: false,
    databases: false,
    locks: false,
    registrations: false,
    workers: false,
  },
  'a frame of another site has service workers of its own': {answer: 'answers', seen: 1},
  'two frames of another site share what they have': {locks: true, workers: true},
  'query() of locks in a frame of another site': by({chromium: 'number', firefox: 'SecurityError', webkit: 'number'}),
  'query() of locks in a frame of the same site': 'number',
  'going back to a page': 'again',
  'going back to a page with a broadcast channel, a database, a shared worker': 'again',
  'going back to a page that holds a lock': by({chromium: 'again', firefox: 'loaded', webkit: 'again'}),
  'going back to a page that holds a lock of a worker of its': by({
    chromium: 'again',
    firefox: 'loaded',
    webkit: 'again',
  }),
  'going back to a page that gave its lock back when it was left': by({
    chromium: 'again',
    firefox: 'loaded',
    webkit: 'again',
  }),
  'a broadcast to a page that was left': by({chromium: 'loaded', firefox: 'loaded', webkit: 'again'}),
  'what a removed frame says at its end': by({
    chromium: ['channel false', 'port'],
    // On a busy machine, nothing.
    firefox: any(['channel false', 'port'], []),
    webkit: ['channel false', 'port'],
  }),
  'a frame that can not be loaded': 'load',
  'a frame is loaded once its scripts have run': any(['load', 'message'], ['message', 'load']),
  'a removed frame takes what was posted to it along': [],
  'what the next version sees of itself': by({
    chromium: [
      ['evaluated', ['active'], 'parsed'],
      ['install', 'knows', 'installing'],
      ['activate', 'knows', 'activating'],
    ],
    // On a busy machine, the registration is told of it after the event.
    firefox: any(
      [
        ['evaluated', ['active'], undefined],
        ['install', 'knows', undefined],
        ['activate', 'knows', undefined],
      ],
      [
        ['evaluated', ['active'], undefined],
        ['install', 'knows', undefined],
        ['activate', 'not yet', undefined],
      ],
      [
        ['evaluated', ['active'], undefined],
        ['install', 'not yet', undefined],
        ['activate', 'knows', undefined],
      ],
      [
        ['evaluated', ['active'], undefined],
        ['install', 'not yet', undefined],
        ['activate', 'not yet', undefined],
      ],
    ),
    webkit: [
      ['evaluated', ['active'], 'parsed'],
      ['install', 'knows', 'installing'],
      ['activate', 'knows', 'activating'],
    ],
  }),
  'a new version waits until the pages are closed': {
    before: ['activated', 'installed'],
    isControlled: true,
    old: 'redundant',
    said: ['installed', 'activating', 'activated'],
  },
  'a new version that skips waiting': {old: 'redundant'},
  'a new version where there is no page': {old: 'redundant'},
  'the lock of a worker that was replaced': {free: false, old: 'redundant'},
  'an event that is not over puts an update off': {before: ['activated', 'installed'], old: 'redundant'},
  'unregistering, where there is no page': {again: false, left: false, outcome: true, said: ['activated', 'redundant']},
  'unregistering while a page is controlled': {left: false, answers: 'answers', before: 'activated'},
  'unregistered and registered again': by({
    chromium: {old: 'redundant', same: false},
    firefox: any({old: 'redundant', same: false}, {old: 'activated', same: false}),
    webkit: any({old: 'redundant', same: false}, {old: 'activated', same: false}),
  }),
  'a message starts a worker that was stopped': by({
    chromium: {same: false, state: 'activated'},
    firefox: {same: false, state: 'activated'},
  }),
  'messages to a worker that was stopped arrive in order': by({
    chromium: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    firefox: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  }),
  'the port of a worker that was stopped, and its lock': by({chromium: [['message', 2]], firefox: [['message', 2]]}),
  'what a worker that was restarted sees of itself': by({
    chromium: [['evaluated', ['active'], 'activated']],
    firefox: [['evaluated', ['active'], undefined]],
  }),
};

/**
 * What may be, and why the box does otherwise, where it does.
 *
 * @param {string} name
 * @param {string} engine
 * @returns {{may: any[], unlike?: string}}
 */
export function expectedOf(name, engine) {
  if (!(name in expected)) throw new Error(`nothing is written down for "${name}"`);
  let fact = expected[name];
  if (fact instanceof ByEngine) {
    if (!(engine in fact.facts)) return {may: []};
    fact = fact.facts[engine];
  }
  if (fact instanceof Unlike) return {may: [fact.fact], unlike: fact.why};
  return {may: fact instanceof Any ? fact.facts : [fact]};
}

/** A fact as text: the same for the same. */
export const textOf = (fact) =>
  JSON.stringify(fact, (_, value) => {
    if (value === undefined) return 'undefined';
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
