/** Lives that show one thing at a time, which those that are drawn reach rarely or never. */

import {Random} from '../scheduler.js';

/** @typedef {import('../life.js').Life} Life */
/** @typedef {import('../life.js').Step} Step */

/** @type {Step[]} */
const connected = [
  {do: 'open', page: 'p1'},
  {do: 'connect', by: 'p1', id: 'c1'},
];

/** @param {string} how @returns {Step[]} */
const connectedTo = (how) => [
  {do: 'open', page: 'p1'},
  {do: 'connect', by: 'p1', id: 'c1', how},
];

/** @type {Step} */
const post = {do: 'post', by: 'p1', id: 'c1', count: 3, answers: 1};

/** What keeps the page's bridge open when all else has ended. @type {Step} */
const another = {do: 'connect', by: 'p1', id: 'c2'};

/** @type {Step[]} */
const twoConnected = [{do: 'open', page: 'p2'}, {do: 'connect', by: 'p2', id: 'c2'}, ...connected];

/** What a worker's next start finds kept, when its page is there again: more than may be on its way. @type {Step[]} */
const muchKept = [
  {do: 'freeze', wait: 80, page: 'p1'},
  {do: 'post', wait: 20, by: 'a', id: 'c1', count: 150},
  {do: 'kill', wait: 300, worker: 'a'},
  {do: 'resume', wait: 100, page: 'p1'},
];

/** A service worker as a client. */
const withSleeper = {profile: 'chromium', town: {sleepers: ['m']}};

/** @type {Step[]} */
const sleeperConnected = [
  {do: 'open', page: 'p1'},
  {do: 'connect', wait: 500, by: 'm', id: 'c1'},
];

/**
 * A worker is busy when its client asks again, with another port each time, for a confirmation that it owes: at the
 * second of the client's looks after its links, since before there was traffic.
 *
 * @param {string} name
 * @param {number} seed
 * @param {number} time
 * @param {Step[]} steps
 * @returns {Life}
 */
const askedAgain = (name, seed, time, steps) => ({
  name,
  seed,
  profile: 'chromium',
  steps: [
    ...connected,
    {do: 'post', wait: 1_000, by: 'a', id: 'c1', count: 20},
    {do: 'busy', wait: 22_900, worker: 'a', time},
    {do: 'post', wait: 50, by: 'p1', id: 'c1'},
    ...steps,
  ],
});

/** @param {number[]} numbers @param {(number: number) => Life} make */
const each = (numbers, make) => numbers.map(make);

/**
 * Traffic both ways, some of it transferred, while registries follow one another: each has services ask for ports
 * that they have.
 *
 * @param {number} seed
 * @returns {Life}
 */
function replacedPorts(seed) {
  const random = new Random(seed);
  /** @type {Step[]} */
  const steps = [...connected, {do: 'wait', wait: 1_000}];
  for (let round = 0; round < 10; round++) {
    steps.push({do: 'registry', wait: 150, how: 'kill'});
    // The next one begins some milliseconds later.
    for (let i = 0; i < 50; i++) {
      const wait = random.between(0, 0.6);
      const message = random.of([{carries: 'buffer', count: 3}, {carries: 'buffer'}, {}, {count: 2}]);
      if (random.chance(0.5)) steps.push({do: 'post', wait, by: 'a', id: 'c1', ...message});
      else steps.push({do: 'post', wait, by: 'p1', id: 'c1', ...message, answers: 2, first: 'view'});
    }
  }
  return {name: 'replaced-ports', seed, steps};
}

/** @param {number} from @param {number} to @param {number} [by] */
const range = (from, to, by = 1) => Array.from({length: Math.ceil((to - from) / by)}, (_, i) => from + i * by);

/** @param {{at: number, vanish?: number, late?: number}} fault */
const kill = (fault) => [{role: 'service', do: 'kill', ...fault}];

/**
 * A service whose client is slow is killed when its next start has something kept, and has said more.
 *
 * @param {number} seed
 * @returns {Life}
 */
function keptAndMore(seed) {
  const random = new Random(seed);
  /** @type {Step[]} */
  const steps = [...connected, {do: 'wait', wait: 2_000}];
  for (let round = 0; round < 4; round++) {
    steps.push({do: 'kill', wait: 200, worker: 'a'});
    steps.push({do: 'post', wait: 1, by: 'a', id: 'c1', count: 1_000});
    steps.push({do: 'freeze', wait: random.between(1, 60), page: 'p1'});
    steps.push({do: 'post', wait: 20, by: 'a', id: 'c1', count: 20});
    steps.push({do: 'kill', wait: 300, worker: 'a', vanish: random.integer(0, 3)});
    steps.push({do: 'resume', wait: 100, page: 'p1'});
  }
  return {name: 'kept-and-more', seed, profile: 'chromium', steps};
}

/**
 * A worker is killed with two attempts, and the next one that is asked for a port which has ended with it: of one
 * attempt, nothing may be left but the client's word that it was accepted.
 *
 * @param {string} name
 * @param {number} seed
 * @param {{at: number, vanish: number}} fault
 * @returns {Life}
 */
const killedWithTwo = (name, seed, fault) => ({
  name,
  seed,
  profile: 'chromium',
  steps: [...connectedTo('native'), another, {do: 'kill', wait: 1_500, worker: 'a'}, {do: 'wait', wait: 4_000}],
  faults: kill(fault),
});

/** What a page posts as it goes, by event. */
const words = {pagehide: 2, visibilitychange: 2, unload: 2};

/**
 * Pages that say last words, in each engine: `how` they go, to a worker that runs, or was `stopped` long before.
 *
 * @param {string} name
 * @param {Step} how
 * @param {{connect?: object, before?: Step, stopped?: boolean, hidden?: boolean}} [more]
 * @returns {Life[]}
 */
const sayLastWords = (name, how, {connect, before, stopped, hidden} = {}) =>
  ['chromium', 'firefox', 'webkit'].map((profile) => ({
    name,
    seed: 1,
    profile,
    steps: [
      {do: 'open', page: 'p2'},
      {do: 'connect', by: 'p2', id: 'c2'},
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1', ...connect},
      {...post, wait: 2_000},
      ...(stopped ? [{do: 'kill', wait: 1_000, worker: 'a'}] : []),
      ...(hidden ? [{do: 'hide', page: 'p1', hidden: true}] : []),
      {...(before ?? {do: 'wait'}), wait: 4_000},
      {...how, wait: 0, page: 'p1', words},
      {do: 'wait', wait: 5_000},
    ],
  }));

/** @type {Life[]} */
export const shown = [
  ...each(range(1, 11), keptAndMore),
  // Many messages are on their way when the worker is killed, and its last words with it, or late.
  ...each(range(60, 960, 30), (at) => ({
    name: 'killed-in-a-burst',
    seed: at,
    profile: 'chromium',
    steps: [...connected, {do: 'post', wait: 1_000, by: 'p1', id: 'c1', count: 400}, {do: 'wait', wait: 3_000}],
    faults: kill({at, vanish: 6}),
  })),
  // So many answers that some wait for a client that is slow, when the worker is killed.
  ...each(range(1, 11), (wait) => ({
    name: 'killed-with-many-answers',
    seed: wait,
    profile: 'chromium',
    steps: [
      ...connected,
      {do: 'post', wait: 1_000, by: 'p1', id: 'c1', count: 60, answers: 3},
      {do: 'freeze', wait: wait / 10, page: 'p1'},
      {do: 'kill', wait: 300, worker: 'a', vanish: wait % 3},
      {do: 'resume', wait: 100, page: 'p1'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  ...each(range(1, 21), (wait) => ({
    name: 'killed-with-answers-to-a-worker',
    seed: wait,
    profile: 'chromium',
    town: {sleepers: ['m']},
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', wait: 500, by: 'm', id: 'c1'},
      {do: 'database', wait: 1_000, slow: 15},
      {do: 'post', by: 'm', id: 'c1', count: 60, answers: 3},
      {do: 'busy', wait: wait / 20, worker: 'm', time: 500},
      {do: 'kill', wait: wait / 2, worker: 'a'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  ...each(range(1, 6), (seed) => ({
    name: 'killed-with-answers-stored',
    seed,
    profile: 'chromium',
    town: {sleepers: ['m']},
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', wait: 500, by: 'm', id: 'c1'},
      {do: 'post', wait: 1_000, by: 'm', id: 'c1', count: 60, answers: 3},
      {do: 'busy', wait: seed / 5, worker: 'm', time: 500},
      {do: 'kill', wait: 100, worker: 'a'},
      {do: 'wait', wait: 6_000},
    ],
  })),
  ...each(range(66, 126), (at) => ({
    name: 'two-answers-of-which-one-is-transferred',
    seed: 3,
    profile: 'chromium',
    steps: [
      ...connected,
      {do: 'post', wait: 800, by: 'p1', id: 'c1', count: 5, answers: 2, first: 'view'},
      {do: 'wait', wait: 3_000},
    ],
    faults: kill({at}),
  })),
  // The start after a stop is stopped as well, at each point, and what it last said comes late.
  ...each(range(60, 120), (at) => ({
    name: 'killed-again',
    seed: at,
    profile: 'chromium',
    steps: [
      ...connected,
      {...post, wait: 1_000},
      {do: 'kill', wait: 100, worker: 'a'},
      {...post, wait: 50},
      {do: 'wait', wait: 4_000},
    ],
    faults: kill({at, late: at % 2 ? 40 : undefined}),
  })),
  // A page posts much, and leaves.
  ...each([1, 2, 3], (seed) => ({
    name: 'left-with-much-to-say',
    seed,
    steps: [
      {do: 'open', page: 'p2'},
      {do: 'connect', by: 'p2', id: 'c2'},
      ...connected,
      {...post, wait: 2_000},
      {...post, wait: 5_000, count: 300, answers: 0},
      {do: 'leave', wait: 0, page: 'p1'},
      {do: 'wait', wait: 5_000},
    ],
  })),
  ...sayLastWords('last-words', {do: 'leave'}),
  ...sayLastWords('last-words-of-the-cached', {do: 'cache'}),
  ...sayLastWords('last-words-of-the-hidden', {do: 'cache'}, {hidden: true}),
  ...sayLastWords('last-words-behind-others', {do: 'leave'}, {before: {...post, count: 300, answers: 0}}),
  ...sayLastWords('last-words-behind-others', {do: 'cache'}, {before: {...post, count: 300, answers: 0}}),
  ...sayLastWords('last-words-over-a-native-port', {do: 'leave'}, {connect: {native: true}}),
  ...sayLastWords('last-words-over-a-native-port', {do: 'cache'}, {connect: {native: true}}),
  ...sayLastWords('last-words-to-one-that-sleeps', {do: 'leave'}, {stopped: true}),
  ...sayLastWords('last-words-to-one-that-sleeps', {do: 'cache'}, {stopped: true}),
  // A page crashes, and its last words come later than the news.
  ...each([20, 40, 60, 80], (late) => ({
    name: 'crashed-with-late-words',
    seed: late,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p2'},
      {do: 'connect', by: 'p2', id: 'c2'},
      ...connected,
      {...post, wait: 2_000},
      {...post, wait: 3_000},
      {do: 'crash', wait: 0.01, page: 'p1', late},
      {do: 'wait', wait: 5_000},
    ],
  })),
  // An application empties its document, and the frame of the bridge goes.
  ...['chromium', 'firefox', 'webkit'].map((profile) => ({
    name: 'frame-removed',
    seed: 1,
    profile,
    steps: [
      {do: 'open', page: 'p2'},
      {do: 'connect', by: 'p2', id: 'c2'},
      ...connected,
      {...post, wait: 2_000},
      {do: 'replace', wait: 500, page: 'p1'},
      {do: 'connect', wait: 1_000, by: 'p1', id: 'c3'},
      {do: 'wait', wait: 2_000},
    ],
  })),
  ...each(range(1, 13), replacedPorts),
  // A worker is killed while its listener for `close` waits for something: the next start hears it again.
  ...each([100, 105, 110, 115, 120, 125, 130], (wait) => ({
    name: 'killed-while-close-is-handled',
    seed: wait,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1', slow: true},
      {do: 'open', page: 'p2'},
      {do: 'connect', by: 'p2', id: 'c2'},
      {...post, wait: 2_000},
      {do: 'leave', wait: 500, page: 'p1'},
      {do: 'kill', wait, worker: 'a'},
    ],
  })),
  // A page goes to the cache with an attempt, which fails when it is shown again.
  ...each([1, 2, 3], (seed) => ({
    name: 'cached-with-an-attempt',
    seed,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1', late: 3_000},
      {do: 'cache', wait: 1_000, page: 'p1'},
      {do: 'show', wait: 5_000, page: 'p1'},
    ],
  })),
  // One service thinks, another refuses, a third isn't there: the latter are not told apart.
  {
    name: 'refused-beside-one-that-thinks',
    seed: 1,
    profile: 'chromium',
    town: {services: ['a', 'b']},
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1', late: 3_500},
      {do: 'connect', wait: 20, by: 'p1', id: 'c2', to: 'b', how: 'refuse'},
      {do: 'connect', wait: 20, by: 'p1', id: 'c3', to: 'nowhere'},
      {do: 'wait', wait: 5_000},
    ],
  },
  // A client's worker goes with its registration, while it runs and while it sleeps.
  ...each([200, 40_000], (wait) => ({
    name: 'unregistered-client',
    seed: wait,
    profile: 'chromium',
    town: {sleepers: ['m']},
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', wait: 500, by: 'm', id: 'c1'},
      {do: 'post', wait: 2_000, by: 'm', id: 'c1', count: 3, answers: 1},
      {do: 'unregister', wait, worker: 'm'},
    ],
  })),
  // In use, a worker is kept awake; and while it waits for what is not over.
  {
    name: 'kept-awake',
    seed: 1,
    profile: 'chromium',
    steps: [...connected, {do: 'wait', wait: 1_000}, ...Array.from({length: 20}, () => ({...post, wait: 5_000}))],
  },
  {
    name: 'waits-long',
    seed: 1,
    profile: 'chromium',
    steps: [...connected, {...post, wait: 1_000, count: 1, waits: 100_000}, {do: 'wait', wait: 120_000}],
  },
  // The registry says nothing for a while.
  ...each([1, 2, 3, 4], (seed) => ({
    name: 'silent-registry',
    seed,
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1'},
      {...post, wait: 2_000},
      {do: 'silence', wait: 100, time: 12_000},
      {do: 'open', page: 'p2'},
      {do: 'connect', by: 'p2', id: 'c2'},
      {do: 'kill', wait: 1_000, worker: 'a'},
      {...post, wait: 1_000},
      {do: 'wait', wait: 20_000},
    ],
  })),
  // Two hundred clients of one worker, which is stopped under them.
  {
    name: 'two-hundred-clients',
    seed: 1,
    profile: 'chromium',
    steps: [
      ...range(1, 201).flatMap((n) => [
        {do: 'open', page: `p${n}`},
        {do: 'connect', by: `p${n}`, id: `c${n}`},
      ]),
      ...range(1, 201).map((n) => ({...post, by: `p${n}`, id: `c${n}`, wait: n === 1 ? 3_000 : 0.1})),
      {do: 'kill', wait: 0.5, worker: 'a'},
      ...range(1, 101).map((n) => ({do: 'leave', page: `p${n}`, wait: n === 1 ? 3_000 : 0.1})),
      {do: 'wait', wait: 5_000},
    ],
  },
  // Deployments that lack something.
  ...each([1, 2], (seed) => ({
    name: 'no-registry-deployed',
    seed,
    steps: [{do: 'deploy', without: ['registry.js']}, ...connected, {...post, wait: 2_000}, {do: 'wait', wait: 10_000}],
  })),
  {
    name: 'no-program-deployed',
    seed: 1,
    steps: [
      {do: 'deploy', without: ['registry.wasm']},
      ...connected,
      {...post, wait: 2_000},
      {do: 'wait', wait: 5_000},
    ],
  },
  {
    name: 'untyped-program',
    seed: 1,
    steps: [{do: 'deploy', untyped: true}, ...connected, {...post, wait: 2_000}, {do: 'kill', wait: 500, worker: 'a'}],
  },
  {
    name: 'no-bridge-deployed',
    seed: 1,
    steps: [
      {do: 'deploy', without: ['bridge.html', 'bridge.mjs', 'navigator-connect-service-worker.js']},
      ...connected,
      {do: 'update', worker: 'a'},
      {do: 'wait', wait: 6_000},
      {do: 'deploy'},
      {do: 'connect', by: 'p1', id: 'c2'},
    ],
  },
  // A database that failed works again, with the worker that asked it still there.
  {
    name: 'failed-database',
    seed: 1,
    profile: 'chromium',
    steps: [
      {do: 'database', failing: true},
      {do: 'kill', worker: 'a'},
      {do: 'push', wait: 100, worker: 'a'},
      {do: 'database', wait: 2_000},
      ...connected,
      {...post, wait: 2_000},
      {do: 'kill', wait: 200, worker: 'a'},
      {...post, wait: 200},
    ],
  },
  // Ports of the earlier draft's, spoken to, stopped and closed at the service.
  ...['stash', 'native then stash', 'native', 'native reject'].map((how, i) => ({
    name: 'stashed',
    seed: i,
    profile: 'chromium',
    steps: [
      ...connectedTo(how),
      {...post, wait: 2_000},
      {do: 'post', wait: 20, by: 'a', id: 'c1', count: 3},
      {do: 'kill', wait: 200, worker: 'a'},
      {...post, wait: 200},
      {do: 'post', wait: 100, by: 'a', id: 'c1', count: 3},
      {do: 'close', wait: 100, by: 'a', id: 'c1'},
    ],
  })),
  // What can only be transferred goes through native ports, too.
  ...[false, true].flatMap((native) =>
    ['accept', 'native', 'stash'].map((how, i) => ({
      name: 'streams',
      seed: i,
      profile: 'chromium',
      steps: [
        {do: 'open', page: 'p1'},
        {do: 'connect', by: 'p1', id: 'c1', how, native},
        {do: 'post', wait: 2_000, by: 'p1', id: 'c1', count: 3, carries: 'stream'},
        {...post, wait: 10},
        {do: 'post', wait: 10, by: 'a', id: 'c1', count: 2, carries: 'stream'},
      ],
    })),
  ),
  // Services that are installed where a header names them, or where it names nothing that can be.
  ...[
    {'service-worker-script': '/z/sw.js'},
    {link: '</z/sw.js>; rel="serviceworker"; scope="/z/"'},
    {link: '</elsewhere.js>; rel="icon"'},
    {'service-worker-script': 'https://client.example.com/z/sw.js'},
    {'service-worker-script': '/z/sw.js', 'service-worker-scope': '/z/deeper/'},
    {'service-worker-script': '/missing/sw.js', 'service-worker-scope': '/z/'},
  ].map((headers, i) => ({
    name: 'named-by-headers',
    seed: i,
    town: {served: ['z'], headers: {z: headers}},
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'open', page: 'p2'},
      {do: 'connect', by: 'p1', id: 'c1', to: 'z', installWorker: true},
      {do: 'connect', wait: 60, by: 'p2', id: 'c2', to: 'z', installWorker: true},
      {do: 'post', wait: 3_000, by: 'p1', id: 'c1', count: 3, answers: 1},
    ],
  })),
  {
    name: 'named-by-a-broken-file',
    seed: 1,
    town: {served: ['z']},
    steps: [
      {do: 'deploy', services: '{"services": 1}'},
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1', to: 'z', installWorker: true},
      {do: 'wait', wait: 3_000},
    ],
  },
  // A page of the service's own origin, whose bridge is missing at first.
  {
    name: 'no-module-deployed',
    seed: 1,
    steps: [
      {do: 'deploy', without: ['bridge.mjs']},
      {do: 'open', page: 'p1', origin: 'https://service.example.com'},
      {do: 'connect', by: 'p1', id: 'c1'},
      {do: 'deploy', wait: 3_000},
      {do: 'connect', by: 'p1', id: 'c2'},
      {do: 'post', wait: 2_000, by: 'p1', id: 'c2', count: 3, answers: 1},
    ],
  },
  // A close that a listener still handles, when the worker is killed, is said again.
  ...each([1, 3, 5], (n) => ({
    name: 'killed-while-it-handles-a-close',
    seed: n,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p1'},
      another,
      {do: 'connect', by: 'p1', id: 'c1', slow: true},
      {...post, wait: 1_500},
      {do: 'close', wait: 500, by: 'p1', id: 'c1'},
      {do: 'kill', wait: 3 * n, worker: 'a'},
    ],
  })),
  // The same of a client that has been terminated, in a page that lives on.
  ...each([1, 3, 5], (n) => ({
    name: 'killed-as-a-client-is-gone',
    seed: n,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p1'},
      another,
      {do: 'worker', page: 'p1', name: 'w1'},
      {do: 'connect', wait: 500, by: 'w1', id: 'c1', slow: true},
      {do: 'terminate', wait: 2_000, name: 'w1'},
      {do: 'kill', wait: 3 * n, worker: 'a'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  ...each([1, 2], (seed) => ({
    name: 'terminated-while-the-service-thinks',
    seed,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p1'},
      another,
      {do: 'worker', page: 'p1', name: 'w1'},
      {do: 'connect', wait: 500, by: 'w1', id: 'c1', late: 400},
      {do: 'terminate', wait: 200, name: 'w1'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  // What could not be read is not over.
  {
    name: 'unreadable-database',
    seed: 1,
    profile: 'chromium',
    steps: [
      ...connected,
      {...post, wait: 1_500},
      {do: 'database', wait: 500, failing: true},
      {do: 'kill', worker: 'a'},
      {...post, wait: 200},
      {do: 'database', wait: 3_000},
      {...post, wait: 500},
    ],
  },
  // Services that sleep are woken for an end.
  {
    name: 'crashed-while-its-service-sleeps',
    seed: 1,
    profile: 'chromium',
    steps: [...twoConnected, {do: 'crash', wait: 41_000, page: 'p1'}, {do: 'wait', wait: 5_000}],
  },
  {
    name: 'unregistered-while-it-sleeps',
    seed: 1,
    profile: 'chromium',
    steps: [...twoConnected, {do: 'unregister', wait: 41_000, worker: 'a'}, {do: 'wait', wait: 5_000}],
  },
  // A frame is removed with an attempt on its way there.
  ...each([1, 2, 3], (seed) => ({
    name: 'frame-removed-on-the-way',
    seed,
    profile: 'chromium',
    steps: [
      ...connected,
      {do: 'connect', wait: 2_000, by: 'p1', id: 'c3'},
      {do: 'replace', page: 'p1'},
      {do: 'wait', wait: 8_000},
    ],
  })),
  // The window that a service worker's connections go through crashes, and its service is killed.
  {
    name: 'courier-crashed',
    seed: 1,
    ...withSleeper,
    steps: [
      ...sleeperConnected,
      {do: 'open', wait: 1_000, page: 'p2'},
      {do: 'crash', wait: 500, page: 'p1'},
      {do: 'kill', wait: 500, worker: 'a'},
      {do: 'post', wait: 100, by: 'm', id: 'c1', answers: 1},
      {do: 'wait', wait: 5_000},
    ],
  },
  // Its next start has another window, and the first one lives on.
  {
    name: 'moved-to-another-window',
    seed: 1,
    ...withSleeper,
    steps: [
      ...sleeperConnected,
      {do: 'open', wait: 1_500, page: 'p2'},
      {do: 'kill', wait: 500, worker: 'm'},
      {do: 'freeze', wait: 100, page: 'p1'},
      {do: 'post', wait: 10, by: 'm', id: 'c1', answers: 1},
      {do: 'resume', wait: 2_000, page: 'p1'},
      {do: 'kill', wait: 3_000, worker: 'a'},
      {do: 'post', wait: 200, by: 'a', id: 'c1', answers: 1},
      {do: 'wait', wait: 3_000},
    ],
  },
  // An attempt is given up while the worker reads, at last, what it has stored.
  ...each([0, 3, 6, 9, 12], (n) => ({
    name: 'given-up-while-ports-are-read',
    seed: n,
    ...withSleeper,
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'database', wait: 500, failing: true},
      {do: 'kill', worker: 'm'},
      {do: 'push', wait: 100, worker: 'm'},
      {do: 'database', wait: 500, slow: 15},
      {do: 'connect', wait: 10, by: 'm', id: 'c1', abort: 18 + n},
      {do: 'push', wait: 3, worker: 'm'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  // A service worker is stopped with what can't outlive it: its window wakes it to say so.
  {
    name: 'stopped-with-native-ports',
    seed: 1,
    ...withSleeper,
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', wait: 500, by: 'm', id: 'c1', native: true},
      {do: 'kill', wait: 2_000, worker: 'm'},
      {do: 'wait', wait: 5_000},
    ],
  },
  // One is killed at each moment of its attempt.
  ...each([4, 5, 6, 8, 9, 11, 13, 18], (n) => ({
    name: 'killed-before-it-connects',
    seed: n,
    ...withSleeper,
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'kill', wait: 500, worker: 'm'},
      {do: 'database', wait: 50, slow: 15},
      {do: 'connect', wait: 100, by: 'm', id: 'c1'},
      {do: 'kill', wait: 16 + n, worker: 'm'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  {
    name: 'killed-before-it-is-refused',
    seed: 1,
    ...withSleeper,
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', wait: 500, by: 'm', id: 'c1', how: 'refuse', late: 300},
      {do: 'kill', wait: 100, worker: 'm'},
      {do: 'push', wait: 400, worker: 'm'},
      {do: 'post', wait: 5_000, by: 'm', id: 'c1'},
      {do: 'wait', wait: 3_000},
    ],
  },
  // An attempt is answered when the window that it went through has left, with or without another bridge.
  ...each([1, 2, 3, 4], (n) => ({
    name: 'answered-after-its-window-left',
    seed: n,
    ...withSleeper,
    steps: [
      {do: 'open', page: 'p2'},
      {do: 'open', page: 'p1'},
      {do: 'connect', wait: 500, by: 'm', id: 'c1', late: 300},
      {do: 'leave', wait: 200, page: n % 2 ? 'p1' : 'p2'},
      {do: 'post', wait: 3_000, by: 'm', id: 'c1', answers: 1},
      {do: 'wait', wait: 2_000},
    ],
  })),
  {
    name: 'answered-over-a-bridge-that-is-gone',
    seed: 1,
    ...withSleeper,
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', wait: 500, by: 'm', id: 'c1', late: 400},
      {do: 'open', wait: 100, page: 'p2'},
      {do: 'leave', wait: 50, page: 'p1'},
      {do: 'connect', wait: 50, by: 'm', id: 'c2'},
      {do: 'kill', wait: 3_000, worker: 'a'},
      {do: 'post', wait: 100, by: 'a', id: 'c1', answers: 1},
      {do: 'wait', wait: 3_000},
      {do: 'expect', what: 'answered'},
    ],
  },
  // Nobody tells a service that the service worker at the other end was stopped.
  {
    name: 'posted-to-who-was-stopped',
    seed: 1,
    ...withSleeper,
    steps: [
      ...sleeperConnected,
      {do: 'kill', wait: 1_500, worker: 'm'},
      {do: 'post', wait: 100, by: 'a', id: 'c1', answers: 1},
      {do: 'wait', wait: 5_000},
      {do: 'expect', what: 'answered'},
    ],
  },
  {
    name: 'unregistered-while-it-slept',
    seed: 1,
    ...withSleeper,
    steps: [
      ...sleeperConnected,
      {do: 'post', wait: 2_000, by: 'm', id: 'c1', count: 3, answers: 1},
      {do: 'unregister', wait: 45_000, worker: 'm'},
      {do: 'wait', wait: 6_000},
    ],
  },
  // Firefox hands the registry out that has ended.
  {
    name: 'registry-ended-and-held',
    seed: 1,
    profile: 'firefox',
    steps: [
      ...connected,
      {...post, wait: 1_000},
      {do: 'registry', wait: 500},
      {do: 'wait', wait: 2_000},
      {do: 'expect', what: 'registry'},
    ],
  },
  // What is stored for a service worker, when the service is stopped, is posted though nobody asks for it.
  {
    name: 'stopped-with-much-for-a-worker',
    seed: 1,
    ...withSleeper,
    steps: [
      ...sleeperConnected,
      {do: 'busy', wait: 1_500, worker: 'm', time: 500},
      {do: 'post', wait: 5, by: 'a', id: 'c1', count: 100},
      {do: 'kill', wait: 100, worker: 'a'},
      {do: 'wait', wait: 5_000},
      {do: 'expect', what: 'answered'},
    ],
  },
  // What is not stored yet is not confirmed.
  ...each([3, 9], (n) => ({
    name: 'killed-with-answers-not-stored',
    seed: n,
    ...withSleeper,
    steps: [
      ...sleeperConnected,
      {do: 'database', wait: 1_500, slow: 15},
      {do: 'post', by: 'm', id: 'c1', count: 60, answers: 3},
      {do: 'busy', wait: 0.1, worker: 'm', time: 500},
      {do: 'kill', wait: 1 + n / 2, worker: 'a'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  // A window opens when a worker has just given up waiting for one.
  {
    name: 'window-at-last',
    seed: 1,
    ...withSleeper,
    steps: [
      ...sleeperConnected,
      {do: 'leave', wait: 1_000, page: 'p1'},
      {do: 'kill', wait: 100, worker: 'a'},
      {do: 'post', wait: 100, by: 'm', id: 'c1', answers: 1},
      {do: 'open', wait: 12_000, page: 'p2'},
      {do: 'wait', wait: 2_000},
      {do: 'expect', what: 'answered'},
    ],
  },
  // The same of a registry.
  ...each([1, 3], (seed) => ({
    name: 'registry-at-last',
    seed,
    profile: 'chromium',
    steps: [
      ...connected,
      {...post, wait: 1_000},
      {do: 'network', wait: 500, slow: 3_500},
      {do: 'registry', wait: 10},
      {do: 'kill', worker: 'a'},
      {do: 'post', wait: 50, by: 'a', id: 'c1', answers: 1},
      {do: 'wait', wait: 7_650},
      {do: 'expect', what: 'answered'},
    ],
  })),
  // A port is stashed with messages in its native channel, and others behind them.
  ...each([1, 2, 3], (seed) => ({
    name: 'stashed-under-traffic',
    seed,
    profile: 'chromium',
    steps: [
      ...connectedTo('native then stash'),
      {do: 'wait', wait: 50},
      ...Array.from({length: 100}, () => ({do: 'post', wait: 0.1, by: 'p1', id: 'c1', count: 3})),
    ],
  })),
  // WebKit keeps what an ended worker has committed and not begun.
  ...each([1, 3, 6, 9], (n) => ({
    name: 'killed-as-it-stores',
    seed: n,
    profile: 'webkit',
    town: {services: ['a', 'b']},
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1'},
      {do: 'connect', by: 'p1', id: 'c2', to: 'b'},
      {do: 'database', wait: 1_000, slow: 15},
      {do: 'connect', wait: 100, by: 'p1', id: 'c3'},
      {do: 'connect', by: 'p1', id: 'c4', to: 'b'},
      {do: 'kill', wait: 1 + n, worker: n % 2 ? 'b' : 'a'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  // Several keep something at once: the last of them is killed when it has committed that.
  ...each([1, 2], (n) => ({
    name: 'killed-as-many-keep-something',
    seed: n,
    profile: 'chromium',
    town: {services: ['a', 'b', 'c', 'd', 'e'], sleepers: ['m']},
    steps: [
      {do: 'open', page: 'p1'},
      ...['a', 'b', 'c', 'd', 'e'].map((to, i) => ({do: 'connect', wait: i ? 5 : 500, by: 'm', id: `c${i}`, to})),
      {do: 'kill', wait: 1_500, worker: 'm'},
      {do: 'push', wait: 100, worker: 'a'},
      {do: 'database', wait: 400, slow: 20},
      ...['b', 'c', 'd', 'e', 'a'].map((by, i) => ({do: 'post', wait: 0.3, by, id: `c${(i + 1) % 5}`})),
      {do: 'kill', wait: 62 + n, worker: 'a'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  // An attempt is given up as its worker is killed, which speaks to the client later.
  ...each([2, 3, 4, 5], (n) => ({
    name: 'killed-as-an-attempt-is-given-up',
    seed: n,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p1'},
      another,
      {do: 'database', wait: 1_000, slow: 15},
      {do: 'connect', wait: 100, by: 'p1', id: 'c1', abort: 12},
      {do: 'kill', wait: 12 + n, worker: 'a'},
      {do: 'post', wait: 500, by: 'a', id: 'c1'},
      {do: 'wait', wait: 3_000},
    ],
  })),
  // The last hello of a worker comes after the news of its end, on the last port that it was given.
  ...each([1, 2, 3, 4, 5, 6, 14], (n) =>
    askedAgain('greeted-by-who-has-ended', n, 400, [
      {do: 'kill', wait: 350 + n / 40, worker: 'a', late: 40},
      {...post, wait: 60, count: 1},
      {do: 'wait', wait: 5_000},
      {do: 'expect', what: 'answered'},
    ]),
  ),
  // A confirmation comes on a port that has been replaced, before what waits is posted on the next.
  ...each([1, 2], (seed) =>
    askedAgain('confirmed-on-a-replaced-port', seed, 700, [
      {...post, wait: 1, count: 1},
      {...post, wait: 700, count: 1},
      {do: 'wait', wait: 3_000},
      {do: 'expect', what: 'answered'},
    ]),
  ),
  // One goes on a port that has been replaced so often that nobody listens there any more.
  ...each([1, 2], (seed) =>
    askedAgain('confirmed-to-nobody', seed, 9_000, [
      {do: 'push', wait: 10_000, worker: 'p1'},
      {do: 'wait', wait: 50},
      {do: 'expect', what: 'confirmed'},
    ]),
  ),
  // A message is confirmed when what its worker's start has found stored has left.
  {
    name: 'asked-behind-what-was-kept',
    seed: 1,
    profile: 'chromium',
    steps: [
      ...connected,
      {do: 'kill', wait: 1_000, worker: 'a'},
      ...muchKept,
      {do: 'post', by: 'p1', id: 'c1'},
      {do: 'push', wait: 3_000, worker: 'p1'},
      {do: 'wait', wait: 50},
      {do: 'expect', what: 'confirmed'},
    ],
  },
  // A worker answers behind what its last start has kept, while its client is slow, and is killed.
  ...each(range(20, 25, 0.25), (wait) => ({
    name: 'killed-with-more-behind-what-was-kept',
    seed: wait * 4,
    profile: 'chromium',
    steps: [
      ...connected,
      {do: 'kill', wait: 1_500, worker: 'a'},
      ...muchKept,
      {do: 'post', by: 'a', id: 'c1'},
      {do: 'freeze', wait, page: 'p1'},
      {do: 'post', wait: 10, by: 'a', id: 'c1', count: 20},
      {do: 'kill', wait: 100, worker: 'a'},
      {do: 'resume', wait: 100, page: 'p1'},
      {do: 'wait', wait: 4_000},
    ],
  })),
  ...each(range(38, 48, 0.5), (wait) => ({
    name: 'asked-with-much-kept',
    seed: wait * 2,
    profile: 'chromium',
    steps: [
      ...connected,
      {do: 'kill', wait: 2_000, worker: 'a'},
      ...muchKept,
      {do: 'database', slow: 15},
      {do: 'post', by: 'p1', id: 'c1', count: 20, answers: 1},
      {do: 'freeze', wait, page: 'p1'},
      {do: 'kill', wait: 3, worker: 'a', vanish: 0},
      {do: 'resume', wait: 100, page: 'p1'},
      {do: 'wait', wait: 4_000},
    ],
  })),
  ...each(range(0, 40), (n) => killedWithTwo('killed-when-asked-for-what-has-ended', n, {at: 60 + n, vanish: n % 7})),
  ...[
    {seed: 56, at: 82},
    {seed: 152, at: 78},
    {seed: 215, at: 75},
  ].map(({seed, at}) => killedWithTwo('accepted-beside-another-and-killed', seed, {at, vanish: 5})),
  // Both ends close, with much on its way.
  ...each(range(0, 3, 0.2), (wait) => ({
    name: 'closed-at-both-ends',
    seed: Math.round(wait * 5),
    steps: [
      ...connected,
      {do: 'post', wait: 1_000, by: 'p1', id: 'c1', count: 100, answers: 1},
      {do: 'post', by: 'a', id: 'c1', count: 30},
      {do: 'close', wait, by: 'p1', id: 'c1'},
      {do: 'close', wait: wait / 4, by: 'a', id: 'c1'},
      {do: 'wait', wait: 2_000},
    ],
  })),
  // Two service workers stream to each other, and are confirmed while they do.
  ...each([1, 2, 3], (seed) => ({
    name: 'streams-between-workers',
    seed,
    ...withSleeper,
    steps: [
      ...sleeperConnected,
      {do: 'wait', wait: 1_000},
      ...Array.from({length: 100}, (_, i) => ({do: 'post', wait: 2, by: i % 2 ? 'm' : 'a', id: 'c1', count: 5})),
      {do: 'wait', wait: 100},
      {do: 'expect', what: 'confirmed'},
      ...(seed > 1 ? [{do: 'kill', worker: seed > 2 ? 'm' : 'a'}] : []),
      {do: 'post', wait: 50, by: 'm', id: 'c1', count: 70, answers: 1},
      {do: 'wait', wait: 2_000},
      {do: 'expect', what: 'answered'},
    ],
  })),
  // The process of a bridge crashes at each moment of an attempt, of two, and when something was connected.
  ...each(range(0, 24), (n) => ({
    name: 'bridge-crashed',
    seed: n,
    profile: ['chromium', 'firefox', 'webkit'][n % 3],
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1'},
      {do: 'connect', wait: 1_500, by: 'p1', id: 'c2', late: n % 2 ? 300 : undefined},
      {do: 'crashBridges', wait: n / 8, page: 'p1'},
      {do: 'connect', wait: 20 * (n % 5), by: 'p1', id: 'c3'},
      {do: 'wait', wait: 6_000},
      {do: 'post', by: 'p1', id: 'c3', count: 3, answers: 1},
      {do: 'wait', wait: 2_000},
    ],
  })),
  // A worker accepts and is killed, with its word, and a new version is there when the attempt fails.
  ...each(range(42, 56), (at) => ({
    name: 'accepted-and-killed-and-updated',
    seed: at,
    profile: 'chromium',
    steps: [...connected, {do: 'update', wait: 400, worker: 'a'}, {do: 'wait', wait: 20_000}],
    faults: kill({at, vanish: 4}),
  })),
  // A port is closed, and its worker is killed before that is put down: it is open again, with what has come meanwhile.
  ...each(range(0, 5, 0.5), (wait) => ({
    name: 'closed-and-not-put-down',
    seed: wait * 2,
    profile: 'webkit',
    steps: [
      ...connected,
      another,
      {do: 'database', wait: 1_500, slow: 15},
      {do: 'close', wait: 100, by: 'a', id: 'c1'},
      {do: 'post', wait: (wait % 2) / 5, by: 'p1', id: 'c1', count: 2, answers: 1},
      {do: 'kill', wait, worker: 'a', vanish: 0},
      {do: 'push', wait: 300, worker: 'a'},
      {do: 'wait', wait: 4_000},
    ],
  })),
  // A worker is killed each time that it is told of a client's end, and asks for that client later.
  ...each(range(36, 40), (wait) => ({
    name: 'killed-whenever-it-is-told',
    seed: wait,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p1'},
      another,
      {do: 'worker', page: 'p1', name: 'w1'},
      {do: 'connect', wait: 500, by: 'w1', id: 'c1'},
      {do: 'kill', wait: 2_000, worker: 'a'},
      {do: 'terminate', name: 'w1'},
      ...Array.from({length: 8}, (_, i) => ({do: 'kill', wait: i ? wait : 60, worker: 'a'})),
      {do: 'post', wait: 300, by: 'a', id: 'c1'},
      {do: 'wait', wait: 4_000},
    ],
  })),
  // WebKit lets a worker live on that has been replaced: messages are the next version's.
  ...each([1, 3, 5], (seed) => ({
    name: 'replaced-under-traffic',
    seed,
    profile: 'webkit',
    steps: [
      ...connected,
      {do: 'update', wait: 1_000, worker: 'a'},
      ...Array.from({length: 150}, () => ({do: 'post', wait: 1, by: 'p1', id: 'c1', answers: 2})),
    ],
  })),
  // Who is installed for an attempt is asked when it is active.
  {
    name: 'asked-when-active',
    seed: 1,
    profile: 'chromium',
    town: {served: ['z']},
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1', to: 'z', installWorker: true},
      {do: 'wait', wait: 3_000},
    ],
  },
  // A port is replaced with something on its way there that has been transferred, and much else on other ways.
  ...each([4, 6, 7], (seed) => ({
    name: 'replaced-with-a-transfer-on-its-way',
    seed,
    profile: 'chromium',
    steps: [
      ...connected,
      ...[2, 3, 4, 5].flatMap((i) => [
        {do: 'open', page: `p${i}`},
        {do: 'connect', by: `p${i}`, id: `c${i}`},
      ]),
      {do: 'wait', wait: 23_999.35},
      ...[2, 3, 4, 5].map((i) => ({do: 'post', wait: 0.05, by: `p${i}`, id: `c${i}`, count: 60, answers: 2})),
      ...Array.from({length: 24}, (_, i) => ({
        do: 'post',
        wait: 0.05,
        by: 'p1',
        id: 'c1',
        ...(i < 12 && {carries: 'view'}),
      })),
      {do: 'wait', wait: 1_000},
    ],
  })),
  // A page of the service's own origin goes to the cache in the moment in which its bridge begins.
  ...each(range(8, 20), (n) => ({
    name: 'cached-before-it-holds-its-lock',
    seed: n,
    profile: n % 2 ? 'webkit' : 'chromium',
    steps: [
      {do: 'open', page: 'p1', origin: 'https://service.example.com'},
      {do: 'connect', wait: 100, by: 'p1', id: 'c1'},
      {do: 'cache', wait: n / 1_500, page: 'p1'},
      {do: 'wait', wait: 8_000},
    ],
  })),
  // A version that has just become active sees a client's end, with no registry that would wake it.
  {
    name: 'crashed-after-an-update',
    seed: 1,
    profile: 'chromium',
    town: {registry: false},
    steps: [
      ...twoConnected,
      {do: 'update', wait: 1_500, worker: 'a'},
      {do: 'crash', wait: 500, page: 'p1'},
      {do: 'wait', wait: 8_000},
      {do: 'expect', what: 'told'},
    ],
  },
];
