/**
 * The link's simulator: `node simulate.js -seed 1 -steps 100000`. Each seed is one connection's life; a run takes
 * seeds from the first until it has made the steps. A failing seed replays alone.
 */
import {Connection} from './connection.js';

/** Node's. */
const {process} = /** @type {any} */ (globalThis);

/** Events in one connection's life before it must settle. */
const LIFE = 3_000;

/**
 * @param {string} name
 * @param {number} otherwise
 */
function flag(name, otherwise) {
  const i = process.argv.findIndex((/** @type {string} */ argument) => argument.replace(/^--?/, '') === name);
  return i < 0 ? otherwise : Number(process.argv[i + 1]);
}

const first = flag('seed', Date.now() % 1_000_000_000);
const wanted = flag('steps', 1);
console.log(`link: first seed ${first}, at least ${wanted} steps`);

/** @type {import('./connection.js').Stats | undefined} */
let total;
let steps = 0;
let seed = first;
for (; steps < wanted; seed++) {
  const connection = new Connection(seed);
  try {
    connection.play(LIFE);
  } catch (error) {
    console.error(connection.trace.join('\n'));
    console.error(`link: seed ${seed} failed ${/** @type {Error} */ (error).stack}`);
    console.error(`link: to replay: go run ./test/link -steps 1 -seed ${seed}`);
    process.exit(1);
  }
  steps += connection.steps;
  total ??= connection.stats;
  if (total === connection.stats) continue;
  for (const key of /** @type {Array<keyof typeof total>} */ (Object.keys(total))) {
    total[key] = key.startsWith('most')
      ? Math.max(total[key], connection.stats[key])
      : total[key] + connection.stats[key];
  }
}
console.log(
  `link: ${steps} steps in ${seed - first} lives: ${JSON.stringify(total)
    .replace(/[{}"]/g, '')
    .replace(/([:,])/g, '$1 ')}`,
);
