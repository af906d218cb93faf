/** Lives that a seed makes: who there is, what they do, and what goes wrong, all of it written down before it begins. */
import {Random} from '../scheduler.js';
import {CLIENT, SERVICE} from '../town.js';

/** @typedef {import('../life.js').Life} Life */
/** @typedef {import('../life.js').Step} Step */

/** How a service may answer. @type {Array<[number, {how: string, late?: number}]>} */
const ANSWERS = [
  [20, {how: 'accept'}],
  [2, {how: 'accept', late: 300}],
  [1, {how: 'accept', late: 3_000}],
  [2, {how: 'refuse'}],
  [1, {how: 'reject'}],
  [1, {how: 'nobody'}],
  [2, {how: 'native'}],
  [3, {how: 'stash'}],
];

/** @type {Array<[number, Record<string, any>]>} */
const MESSAGES = [
  [10, {answers: 1}],
  [6, {answers: 2}],
  [3, {shape: 'array', answers: 1}],
  [3, {shape: 'bytes', answers: 1}],
  [2, {shape: 'nested', size: 6_000, answers: 1}],
  [2, {carries: 'buffer'}],
  [1, {carries: 'view'}],
  [1, {carries: 'port'}],
  [1, {unreadable: true}],
  [1, {later: 15}],
  [1, {answers: 1, waits: 6_000}],
];

/** How many weights each kind of life gives to what may happen. @type {Record<string, Record<string, number>>} */
const KINDS = {
  pages: {open: 6, connect: 10, post: 40, stash: 3, kill: 8, leave: 3, crash: 3, close: 4, registry: 3, push: 4},
  workers: {
    open: 3,
    connect: 10,
    post: 40,
    kill: 6,
    leave: 2,
    crash: 2,
    close: 3,
    registry: 2,
    worker: 8,
    terminate: 2,
  },
  sleepers: {
    open: 4,
    connect: 8,
    post: 40,
    kill: 14,
    leave: 4,
    crash: 2,
    close: 3,
    registry: 2,
    push: 4,
    unregister: 0.5,
  },
  updates: {stash: 2, open: 2, connect: 6, post: 40, kill: 4, update: 8, leave: 2, close: 2, push: 4},
  history: {
    open: 5,
    connect: 10,
    post: 30,
    kill: 5,
    cache: 5,
    show: 5,
    freeze: 3,
    resume: 5,
    replace: 4,
    crashBridges: 3,
    leave: 2,
    hide: 2,
  },
  troubles: {
    open: 4,
    connect: 10,
    post: 30,
    kill: 6,
    network: 4,
    slow: 4,
    database: 1,
    registry: 6,
    silence: 2,
    unregister: 1,
    clear: 1,
    close: 2,
  },
};
export const kinds = Object.keys(KINDS);

/**
 * @param {number} seed
 * @param {string} [wanted] kind
 * @returns {Life}
 */
export function drawLife(seed, wanted) {
  const random = new Random(seed ^ 0x5eed);
  const drawn = random.of(kinds);
  const name = wanted ?? drawn;
  const weights = KINDS[name];
  const services = random.chance(0.25) ? ['a', 'b'] : ['a'];
  const sleepers = name === 'sleepers' ? ['m'] : [];
  const town = {services, sleepers, registry: random.chance(0.9), skips: random.chance(0.6)};
  /** @type {Step[]} */
  const steps = [];
  /** @type {Array<{name: string, frozen?: boolean}>} */
  const pages = [];
  /** @type {string[]} */
  const workers = [];
  /** @type {Array<{id: string, by: string, to: string, how: string}>} */
  const connections = [];
  const pause = () =>
    random.pick([
      [50, random.between(0, 1)],
      [30, random.between(0, 20)],
      [15, random.between(0, 600)],
      [4, random.between(0, 5_000)],
      [1, random.between(20_000, 70_000)],
    ]);
  /** @param {Step} step */
  const add = (step) => steps.push({...step, wait: Number(pause().toFixed(3))});
  const aPage = () => random.of(pages)?.name;
  const aClient = () => random.of([...pages.map(({name}) => name), ...workers, ...sleepers, ...sleepers, ...sleepers]);

  /** @type {Record<string, () => void>} */
  const deeds = {
    open() {
      if (pages.length >= 6) return;
      const page = `p${pages.length + 1}`;
      pages.push({name: page});
      add({do: 'open', page, origin: random.chance(0.15) ? SERVICE : CLIENT});
    },
    connect() {
      const by = services.length > 1 && random.chance(0.1) ? services[0] : aClient();
      if (!by || connections.length > 24) return;
      const id = `c${connections.length + 1}`;
      const answer = random.pick(ANSWERS);
      const to = random.chance(0.04) ? 'nowhere' : random.of(services.filter((name) => name !== by));
      const step = {
        do: 'connect',
        by,
        id,
        to,
        ...answer,
        native: random.chance(0.2),
        slow: random.chance(0.1),
        first: random.chance(0.2),
      };
      if (random.chance(0.05)) Object.assign(step, {abort: random.integer(1, 2_000)});
      connections.push({id, by, to, how: answer.how});
      add(step);
    },
    post() {
      const connection = random.of(connections);
      if (!connection) return;
      const {id, by, to, how} = connection;
      const message = random.pick(MESSAGES);
      const count = random.pick([
        [5, 1],
        [3, random.integer(2, 10)],
        [2, random.integer(11, 150)],
      ]);
      const fromService = random.chance(0.25) && !/native|stash/.test(how);
      if (fromService) add({do: 'post', by: to, id, count, ...message, answers: 0, waits: 0, later: 0});
      else add({do: 'post', by, id, count, ...message});
    },
    stash() {
      const connection = random.of(connections);
      if (!connection || /native|stash/.test(connection.how)) return;
      const {id, by, to} = connection;
      const as = `s${connections.length + 1}`;
      connections.push({id: as, by, to, how: 'stash'});
      add({do: 'stash', by, id, as});
    },
    clear: () => add({do: 'clear'}),
    close() {
      const connection = random.of(connections);
      if (!connection) return;
      const {id, by, to, how} = connection;
      add({do: 'close', by: random.chance(0.6) || /native|stash/.test(how) ? by : to, id});
    },
    kill: () =>
      add({
        do: 'kill',
        worker: random.of([...services, ...sleepers]),
        vanish: random.chance(0.4) ? random.integer(1, 6) : 0,
      }),
    push: () => add({do: 'push', worker: random.of([...services, ...sleepers])}),
    registry: () => add({do: 'registry', how: random.of(['kill', 'panic'])}),
    update: () => add({do: 'update', worker: random.of(services)}),
    unregister: () => add({do: 'unregister', worker: random.of(name === 'sleepers' ? sleepers : services)}),
    silence: () => add({do: 'silence', time: random.integer(1_000, 20_000)}),
    worker() {
      const page = aPage();
      if (!page || workers.length >= 4) return;
      const worker = `w${workers.length + 1}`;
      workers.push(worker);
      add({do: 'worker', page, name: worker, shared: random.chance(0.4)});
    },
    terminate: () => workers.length > 0 && add({do: 'terminate', name: random.of(workers)}),
    network: () =>
      add(
        random.chance(0.5)
          ? {do: 'network'}
          : {do: 'network', down: random.chance(0.5), slow: random.integer(0, 2_000)},
      ),
    slow: () => add({do: 'database', slow: random.chance(0.5) ? 0 : random.integer(1, 20)}),
    database() {
      add({do: 'database', [random.of(['full', 'failing', 'blocked'])]: true});
      add({do: 'wait'});
      add({do: 'database'});
    },
    hide: () => aPage() && add({do: 'hide', page: aPage(), hidden: random.chance(0.5)}),
  };
  for (const deed of ['leave', 'crash', 'cache', 'show', 'freeze', 'resume', 'replace', 'crashBridges']) {
    deeds[deed] = () => aPage() && add({do: deed, page: aPage()});
  }
  const choices = Object.entries(weights).map(([deed, weight]) => /** @type {[number, string]} */ ([weight, deed]));
  deeds.open();
  deeds.connect();
  for (let i = random.integer(10, 60); i > 0; i--) deeds[random.pick(choices)]();

  /** @type {import('../life.js').Fault[]} */
  const faults = [];
  if (random.chance(0.6)) {
    for (let i = random.integer(1, 8); i > 0; i--) {
      const role = random.pick([
        [6, 'service'],
        [name === 'sleepers' ? 6 : 0, 'sleeper'],
        [1, 'registry'],
        [1, 'page'],
      ]);
      const at = Math.floor(Math.exp(random.between(2, 8)));
      faults.push({
        role,
        at,
        do: random.chance(0.9) ? 'kill' : 'registry',
        vanish: random.chance(0.4) ? random.integer(1, 4) : 0,
      });
    }
  }
  // Last words may come later than the news of an end.
  const lag = new Random(seed ^ 0x1a7e);
  for (const fault of [...steps.filter((step) => /kill|crash/.test(step.do)), ...faults]) {
    if (lag.chance(0.25)) fault.late = lag.integer(2, 60);
  }
  const words = new Random(seed ^ 0x3a57);
  for (const step of steps.filter((step) => /leave|cache/.test(step.do))) {
    if (!words.chance(0.7)) continue;
    const few = () => words.integer(0, 3);
    step.words = {pagehide: few(), visibilitychange: few(), unload: few()};
    // What is lost then is judged only where all was well before.
    if (words.chance(0.5)) step.wait = words.integer(3_100, 4_000);
  }
  return {name, seed, town, steps, faults};
}
