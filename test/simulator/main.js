/**
 * The simulator's command line.
 *
 *     node test/simulator/main.js [-seed S] [-lives N | -seconds N] [-life NAME] [-profile ENGINE] [-dist DIR]
 *         [-failures N] [-unshortened true] [-digest true] [-trace FILE]
 *     node test/simulator/main.js -replay '{…}'
 *
 * Plays lives from a seed on, of the kind or name that is wanted. One that fails is shortened and printed with the
 * command that plays it again; the exit code is then 1.
 */
import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import * as vm from 'node:vm';
import {drawLife, kinds} from './lives/draw.js';
import {runLife} from './life.js';
import {shrink} from './shrink.js';
import {named} from './lives/named.js';

/** @typedef {import('./life.js').Life} Life */

/**
 * @param {string} name
 * @returns {string | undefined}
 */
function flag(name) {
  const i = process.argv.findIndex((argument) => argument.replace(/^--?/, '') === name);
  return i < 0 ? undefined : (process.argv[i + 1] ?? '');
}

const dist = flag('dist') ?? fileURLToPath(new URL('../../dist', import.meta.url));
const profile = flag('profile');

/** Something to do when nothing else runs. @type {(run: () => void) => Promise<void>} */
const alone = (run) => new Promise((resolve) => setImmediate(() => resolve(run())));

/** @param {Life} life */
async function play(life) {
  /** @type {any} */
  let verdict;
  await alone(() => (verdict = runLife(life, {dist})));
  return /** @type {import('./life.js').Verdict} */ (verdict);
}

/**
 * @param {Life} life
 * @param {string} failure
 */
async function report(life, failure) {
  console.log(`${life.name} ${life.seed} failed: ${failure}`);
  if (flag('unshortened') !== undefined) return;
  const short = await shrink(life, failure, play);
  /** @type {any} */
  let verdict;
  await alone(() => (verdict = runLife(short, {dist, keep: 200})));
  const file = flag('trace');
  if (file !== undefined) {
    await alone(() => (verdict = runLife(short, {dist, keep: 1_000_000})));
    writeFileSync(file, verdict.trace.join('\n'));
  } else {
    console.log(verdict.trace.slice(-40).join('\n'));
  }
  console.log(`\n${life.name} ${life.seed}, shortened: ${verdict.failure}`);
  console.log(`${short.steps.length} steps, ${short.faults?.length ?? 0} faults; it plays again by`);
  console.log(`node test/simulator/main.js -replay '${JSON.stringify(short)}'`);
}

/** @param {Iterable<Life>} lives */
async function playAll(lives) {
  const seconds = Number(flag('seconds') ?? Infinity);
  /** @type {Record<string, number>} */
  const total = {};
  const begun = performance.now();
  const passed = () => (performance.now() - begun) / 1_000;
  /** Of the processor, for playing alone. */
  let used = 0;
  let count = 0;
  let failed = 0;
  for (const life of lives) {
    if (passed() > seconds) break;
    const before = process.cpuUsage();
    const verdict = await play(life);
    const {user, system} = process.cpuUsage(before);
    used += (user + system) / 1_000_000;
    count++;
    if (flag('digest') !== undefined) console.log(life.name, life.seed, verdict.digest);
    for (const [name, value] of Object.entries(verdict.counts)) total[name] = (total[name] ?? 0) + value;
    if (verdict.passed) continue;
    failed++;
    await report(life, verdict.failure);
    if (failed >= Number(flag('failures') ?? 1)) break;
  }
  total.hours = Number(total.hours?.toFixed(1));
  const rate = (count / used).toFixed(1);
  console.log(
    `${count} lives, ${rate} a second of one core, ${failed} failed: ${JSON.stringify(total)
      .replace(/[{}"]/g, '')
      .replace(/([:,])/g, '$1 ')}`,
  );
  if (failed > 0) process.exitCode = 1;
}

/** @returns {Iterable<Life>} */
function* wanted() {
  const replay = flag('replay');
  const name = flag('life');
  if (replay !== undefined) {
    yield JSON.parse(replay);
    return;
  }
  if (name !== undefined && !kinds.includes(name)) {
    const found = named.filter((life) => name === 'named' || life.name === name);
    if (found.length === 0)
      throw new Error(`no life is called ${name}; there are ${[...kinds, ...named.map(({name}) => name)].join(', ')}`);
    yield* found;
    return;
  }
  const first = Number(flag('seed') ?? Date.now() % 1_000_000_000);
  const lives = Number(flag('lives') ?? (flag('seconds') ? Infinity : flag('seed') ? 1 : 100));
  console.log(`first seed ${first}`);
  for (let seed = first; seed < first + lives; seed++) yield {...drawLife(seed, name), ...(profile && {profile})};
}

if (!('SourceTextModule' in vm)) {
  // Scripts that import modules need a flag.
  const args = ['--experimental-vm-modules', '--no-warnings', ...process.argv.slice(1)];
  process.exitCode = spawnSync(process.execPath, args, {stdio: 'inherit'}).status ?? 1;
} else {
  await playAll(wanted());
}
