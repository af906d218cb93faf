/** Lives that once found something, each with what that was, and some that show one thing at a time. */
import {readFileSync} from 'node:fs';

/** @typedef {import('../life.js').Life} Life */

/**
 * What seeds found, shortened, as it was printed.
 *
 * @type {Life[]}
 */
const found = JSON.parse(readFileSync(new URL('found.json', import.meta.url), 'utf8'));

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
];
