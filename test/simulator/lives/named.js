/** Lives that once found something, each with what that was, and some that show one thing at a time. */
import {readFileSync} from 'node:fs';

/** @typedef {import('../life.js').Life} Life */

/** @type {Life[]} */
const found = JSON.parse(readFileSync(new URL('found.json', import.meta.url), 'utf8'));

/** @type {Life[]} */
export const named = [
  {
    name: 'echo',
    seed: 1,
    profile: 'chromium',
    steps: [
      {do: 'open', page: 'p1'},
      {do: 'connect', by: 'p1', id: 'c1'},
      {do: 'post', wait: 800, by: 'p1', id: 'c1', count: 30, answers: 1},
      {do: 'kill', wait: 1, worker: 'a'},
      {do: 'post', wait: 5, by: 'p1', id: 'c1', count: 30, answers: 1},
      {do: 'kill', wait: 1, worker: 'a'},
      {do: 'post', wait: 5, by: 'p1', id: 'c1', count: 30, answers: 1},
    ],
  },
  ...found,
];
