/**
 * Faults that hit a context at a point of its life: at the nth thing that contexts of its role do or ask for, in the
 * middle of a listener and between two posts. What it has posted before arrives, but for `vanish` of the last on each
 * of its ways; what comes after does not. `late` is how much later that arrives than others may notice the end.
 */
import {Random} from './scheduler.js';

/** @typedef {import('./world.js').Context} Context */

export class Faults {
  #world;
  #town;
  /** How many points there have been, by role. @type {Record<string, number>} */
  #points = {};
  /** @type {Map<string, import('./life.js').Fault>} */
  #pending = new Map();

  /**
   * @param {import('./world.js').World} world
   * @param {import('./town.js').Town} town
   * @param {import('./life.js').Fault[]} faults
   */
  constructor(world, town, faults) {
    this.#world = world;
    this.#town = town;
    for (const fault of faults) this.#pending.set(`${fault.role} ${fault.at}`, fault);
    world.onpoint = (context) => this.#pass(context);
  }

  /** There are no more. */
  end() {
    this.#world.onpoint = () => {};
  }

  /** @param {Context} context */
  #pass(context) {
    const {role} = context;
    const at = (this.#points[role] = (this.#points[role] ?? 0) + 1);
    const fault = this.#pending.get(`${role} ${at}`);
    if (!fault || !this.#town.hasBegun) return;
    this.#world.trace(`# ${JSON.stringify(fault)}`);
    const lot = new Random(at);
    const {vanish = 0, late} = fault;
    this.#town.hit(context, fault.do, vanish ? () => lot.integer(0, vanish) : undefined, late);
  }
}
