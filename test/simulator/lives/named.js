/** Lives that once found something, or that show one thing at a time. */

/** @type {import('../life.js').Life[]} */
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
];
