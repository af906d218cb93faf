/**
 * Whether the simulator would notice: breaks the product in one small place after another, and plays lives until one
 * fails.
 *
 *     node test/simulator/mutants.js [-only TEXT] [-seconds N] [-unfound true]
 *
 * Each of mutants/list.js is to be found within so many seconds of a processor. The exit code is 1 when one isn't that
 * is not known for it, and when a text to be replaced does not stand in its file exactly once.
 */
import {spawnSync} from 'node:child_process';
import {cpSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {execute, root, temporaryFolder} from './build.js';
import {drawLife, kinds} from './lives/draw.js';
import {named} from './lives/named.js';
import {mutants} from './mutants/list.js';
import {dist, flag, play, run, used} from './play.js';

/** @typedef {import('./mutants/list.js').Mutant} Mutant */
/** @typedef {import('./life.js').Life} Life */
/** @typedef {{lives: number, seconds: number, by?: string, failure?: string}} Outcome */

const seconds = Number(flag('seconds') ?? 60);

/** The text of its file as it becomes, if what it replaces stands there once. @param {Mutant} mutant */
function broken({file, from, to}) {
  const parts = readFileSync(join(root, file), 'utf8').split(from);
  return parts.length === 2 ? parts.join(to) : undefined;
}

/** What it is about comes first, then everything in turn. @param {Mutant} mutant @returns {Iterable<Life>} */
function* livesFor({lives = []}) {
  for (const wanted of lives) yield* named.filter(({name}) => name === wanted);
  const own = kinds.filter((kind) => lives.includes(kind));
  for (let seed = 1; ; seed++) {
    for (const kind of own) yield drawLife(seed, kind);
    if (own.length === 0 || seed % 3 === 0) yield drawLife(seed);
  }
}

/**
 * In a process of its own, which may hang: plays until a life fails that doesn't with the product as it is.
 *
 * @param {Mutant} mutant
 * @param {string} base
 */
async function hunt(mutant, base) {
  let lives = 0;
  const begun = process.cpuUsage();
  for (const life of livesFor(mutant)) {
    /** @type {Outcome} */
    const outcome = {lives, seconds: used(begun), by: `${life.name} ${life.seed}`};
    console.log(JSON.stringify(outcome));
    if (outcome.seconds > seconds) return;
    lives++;
    const {passed, failure} = await play(life);
    if (passed || !(await play(life, {dist: base})).passed) continue;
    console.log(JSON.stringify({...outcome, lives, seconds: used(begun), failure}));
    return;
  }
}

/**
 * @param {Mutant} mutant
 * @param {string} base
 * @param {string} broken
 * @returns {Outcome}
 */
function search({name}, base, broken) {
  const node = [process.execPath, '--experimental-vm-modules', '--no-warnings', '--max-old-space-size=1500'];
  const args = [
    fileURLToPath(import.meta.url),
    '-hunt',
    name,
    '-dist',
    broken,
    '-base',
    base,
    '-seconds',
    `${seconds}`,
  ];
  // What never ends is ended by the system.
  const limited = ['-c', `ulimit -t ${2 * seconds + 20}; exec "$@"`, 'sh', ...node, ...args];
  const {stdout, stderr, status, signal} = spawnSync('sh', limited, {encoding: 'utf8', maxBuffer: 1 << 30});
  const last = stdout.trim().split('\n').at(-1);
  if (!last) throw new Error(`${name}: ${stderr}`);
  /** @type {Outcome} */
  const outcome = JSON.parse(last);
  if (signal || status)
    outcome.failure =
      signal === 'SIGXCPU' || signal === 'SIGKILL' ? 'it never ends' : `the process ended: ${signal ?? stderr}`;
  return outcome;
}

async function all() {
  const wanted = mutants.filter(({name}) => name.includes(flag('only') ?? ''));
  const stale = mutants.filter((mutant) => broken(mutant) === undefined);
  for (const {name, file} of stale)
    console.log(`does not apply: ${name}: what it replaces does not stand in ${file} once`);
  if (stale.length > 0) {
    process.exitCode = 1;
    return;
  }
  const folder = temporaryFolder();
  const [tool, base, tree, other] = ['build', 'base', 'tree', 'dist'].map((name) => join(folder, name));
  execute('go', ['build', '-o', tool, './js/build']);
  execute(tool, ['-quick', '-o', base]);
  for (const part of ['js', 'polyfill', 'wasm', 'go.mod', 'go.sum'])
    cpSync(join(root, part), join(tree, part), {recursive: true});
  cpSync(base, other, {recursive: true});
  let missed = 0;
  let found = 0;
  for (const mutant of wanted) {
    const {name, file, mends, unfound} = mutant;
    if (unfound && !flag('unfound')) {
      console.log(`not found  ${name}: ${unfound}`);
      continue;
    }
    writeFileSync(join(tree, file), broken(mutant) ?? '');
    execute(tool, ['-quick', '-o', other], tree);
    cpSync(join(root, file), join(tree, file));
    const {lives, seconds, by, failure} = search(mutant, base, other);
    if (failure) found++;
    else if (!unfound) missed++;
    const after = `${`${lives}`.padStart(4)} lives, ${seconds.toFixed(1).padStart(4)} s`;
    console.log(
      `${failure ? 'found    ' : 'NOT FOUND'}  ${after}  ${name}${mends ? ' *' : ''}${failure ? `: ${by}: ${failure.split('\n')[0].slice(0, 160)}` : ''}`,
    );
  }
  const mendings = wanted.filter(({mends}) => mends).length;
  console.log(
    `${wanted.length} mutants, ${mendings} of them (*) the reverse of a mending; ${found} found, ${missed} missed`,
  );
  if (missed > 0) process.exitCode = 1;
}

const name = flag('hunt');
const mutant = mutants.find((mutant) => mutant.name === name);
await run(() => (mutant ? hunt(mutant, flag('base') ?? dist) : all()));
