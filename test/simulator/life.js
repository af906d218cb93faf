/**
 * A life: a box, what is done in it step by step, and faults. All of it is data, so that it can be printed, played
 * again and shortened. `runLife` plays one and says what was wrong.
 */
import {Faults} from './faults.js';
import {Oracle} from './oracle.js';
import {Town} from './town.js';
import {World} from './world.js';
import {Random} from './scheduler.js';
import {compileRegistry} from './go.js';
import {drawProfile, profiles} from './profiles.js';

/**
 * @typedef {{wait?: number, do: string, [argument: string]: any}} Step done after a time in milliseconds
 * @typedef {{role: string, at: number, do: string, vanish?: number, late?: number}} Fault at a point of the life of such contexts
 * @typedef {object} Life
 * @property {string} name
 * @property {string} [what] it once found
 * @property {number} seed
 * @property {string} [profile] drawn by the seed, unless it is an engine's name
 * @property {Record<string, any>} [town] what there is from the beginning
 * @property {Step[]} steps
 * @property {Fault[]} [faults]
 */

/**
 * @typedef {object} Verdict
 * @property {boolean} passed
 * @property {string} failure the first thing that was wrong
 * @property {string} digest of the trace
 * @property {string[]} trace its last lines
 * @property {Record<string, number>} counts
 */

/**
 * Must be called with nothing else running, from `setImmediate`: see `drain` in world.js.
 *
 * @param {Life} life
 * @param {{dist: string, keep?: number}} options
 * @returns {Verdict}
 */
export function runLife(life, {dist, keep = 0}) {
  const {profile: engine = ''} = life;
  const profile = profiles[engine] ?? drawProfile(new Random(~life.seed));
  const withRegistry = life.town?.registry !== false;
  const world = new World(life.seed, profile, {keep, wasm: withRegistry ? compileRegistry(dist) : undefined});
  const oracle = new Oracle(world);
  const town = new Town(world, oracle, dist, life.town ?? {});
  const faults = new Faults(world, town, life.faults ?? []);
  let failure = '';
  try {
    town.settleIn();
    for (const {wait = 0, ...step} of life.steps) {
      world.scheduler.runUntil(world.scheduler.now + wait);
      world.trace(`* ${JSON.stringify(step)}`);
      town.take(step);
      oracle.check();
    }
    faults.end();
    town.settle();
  } catch (error) {
    failure = /** @type {Error} */ (error).message;
    if (!(/** @type {any} */ (error).isFinding)) failure += `\n${/** @type {Error} */ (error).stack}`;
  }
  const {scheduler} = world;
  return {
    passed: failure === '',
    failure,
    digest: scheduler.digest(),
    trace: scheduler.lines,
    counts: {...oracle.counts, steps: scheduler.steps, hours: scheduler.now / 3_600_000, contexts: world.created},
  };
}
