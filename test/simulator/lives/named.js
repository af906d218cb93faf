/** Lives that once found something, each with what that was, and some that show one thing at a time. */
import {readFileSync} from 'node:fs';
import {STRANGER} from '../town.js';
import {shown} from './shown.js';

/** @typedef {import('../life.js').Life} Life */

/**
 * What seeds found, shortened, as it was printed; some with several, each of which meets the moment.
 *
 * @type {Array<Life & {seeds?: number[]}>}
 */
const printed = JSON.parse(readFileSync(new URL('found.json', import.meta.url), 'utf8'));

const found = printed.flatMap(({seeds, ...life}) => (seeds ?? [life.seed]).map((seed) => ({...life, seed})));

/** @type {import('../life.js').Step[]} */
const connected = [
  {do: 'open', page: 'p1'},
  {do: 'connect', by: 'p1', id: 'c1'},
];

/**
 * The same at each of several points.
 *
 * @param {Life} life
 * @param {number} from
 * @param {number} to
 * @param {{role: string, do: string, vanish?: number}} fault
 * @returns {Life[]}
 */
const atEach = (life, from, to, fault) =>
  Array.from({length: to - from}, (_, i) => ({...life, faults: [{...fault, at: from + i}]}));

/** @type {Life[]} */
export const named = [
  {
    name: 'echo',
    seed: 1,
    profile: 'chromium',
    steps: [
      ...connected,
      {do: 'post', wait: 800, by: 'p1', id: 'c1', count: 30, answers: 1},
      {do: 'kill', wait: 1, worker: 'a'},
      {do: 'post', wait: 5, by: 'p1', id: 'c1', count: 30, answers: 1},
      {do: 'kill', wait: 1, worker: 'a'},
      {do: 'post', wait: 5, by: 'p1', id: 'c1', count: 30, answers: 1},
    ],
  },
  {
    name: 'custody',
    seed: 2,
    profile: 'chromium',
    steps: [
      ...connected,
      {do: 'stash', wait: 800, by: 'p1', id: 'c1', as: 's1'},
      {do: 'post', wait: 200, by: 'p1', id: 's1', count: 20, answers: 1},
      {do: 'kill', wait: 200, worker: 'a'},
      {do: 'post', wait: 5, by: 'p1', id: 's1', count: 20, answers: 1},
    ],
  },
  {
    name: 'installed-across-sites',
    seed: 4,
    profile: 'chromium',
    town: {served: ['s']},
    steps: [
      {do: 'open', page: 'p1', origin: STRANGER},
      {do: 'connect', by: 'p1', id: 'c1', to: 's', installWorker: true},
      {do: 'post', wait: 800, by: 'p1', id: 'c1', count: 20, answers: 1},
      {do: 'kill', wait: 1, worker: 's'},
      {do: 'post', wait: 5, by: 'p1', id: 'c1', count: 20, answers: 1},
    ],
  },
  {
    name: 'crowd',
    seed: 5,
    profile: 'chromium',
    steps: [
      ...Array.from({length: 40}, (_, i) => ({do: 'open', page: `p${i}`, wait: 3})),
      ...Array.from({length: 300}, (_, i) => ({do: 'connect', by: `p${i % 40}`, id: `c${i}`, wait: 0.5})),
      {do: 'wait', wait: 2_000},
      ...Array.from({length: 300}, (_, i) => ({do: 'post', by: `p${i % 40}`, id: `c${i}`, answers: 1})),
      {do: 'kill', wait: 5, worker: 'a'},
      ...Array.from({length: 20}, (_, i) => ({do: i % 2 ? 'leave' : 'crash', page: `p${i}`, wait: 10})),
    ],
  },
  ...atEach(
    {
      name: 'two-answers',
      what: 'A worker was killed between two answers to one message: the first had confirmed it, the second was lost.',
      seed: 3,
      profile: 'chromium',
      steps: [
        ...connected,
        {do: 'post', wait: 800, by: 'p1', id: 'c1', count: 5, answers: 2},
        {do: 'wait', wait: 3_000},
      ],
    },
    70,
    125,
    {role: 'service', do: 'kill'},
  ),
  ...[1, 2, 3, 4].flatMap((seed) =>
    atEach(
      {
        name: 'accepted-and-killed',
        what: 'A worker accepted, the client knew, and it was killed before its word to the bridge had left: both heard close.',
        seed,
        profile: 'chromium',
        steps: [...connected, {do: 'wait', wait: 3_000}],
      },
      44,
      54,
      {role: 'service', do: 'kill', vanish: 3},
    ),
  ),
  ...found,
  ...shown,
];
