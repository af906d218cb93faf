/**
 * Virtual time, and the one source of chance. Everything that happens is a task in a lane; a lane keeps its order, and
 * which lane is next is chosen by the seed among all that have something due. No task waits longer than its lane's
 * patience for others, so that bounds on virtual time mean something.
 */
import {createHash} from 'node:crypto';

/** Numbers from a seed: mulberry32. */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    // Neighbouring seeds must not begin alike.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
    for (let i = 0; i < 4; i++) this.next();
  }

  /** @returns {number} in [0, 1) */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability;
  }

  /**
   * @param {number} low
   * @param {number} high
   */
  between(low, high) {
    return low + (high - low) * this.next();
  }

  /**
   * @param {number} low
   * @param {number} high inclusive
   */
  integer(low, high) {
    return Math.floor(this.between(low, high + 1));
  }

  /**
   * @template T
   * @param {readonly T[]} list
   * @returns {T}
   */
  of(list) {
    return list[Math.floor(this.next() * list.length)];
  }

  /**
   * @template T
   * @param {Array<[weight: number, value: T]>} choices
   * @returns {T}
   */
  pick(choices) {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) if ((left -= weight) < 0) return value;
    return choices[choices.length - 1][1];
  }
}

/** How the next lane is chosen: by time, by chance, or as a few lanes have it that are ahead of all others for a while. */
const ORDERS = /** @type {const} */ (['prompt', 'any', 'partial']);

/** A queue of tasks that keep their order: a port's, a window's, a lock manager's. */
export class Lane {
  /** @type {Array<() => void>} */
  queue = [];
  /** When its first task became due. */
  since = 0;
  weight = 0;
  #scheduler;

  /**
   * @param {Scheduler} scheduler
   * @param {number} patience how long others may come before its first task, in milliseconds
   */
  constructor(scheduler, patience) {
    this.#scheduler = scheduler;
    this.patience = patience;
  }

  /** @param {() => void} run */
  push(run) {
    this.queue.push(run);
    if (this.queue.length === 1) this.#scheduler.due(this);
  }

  /**
   * @param {number} time until that is pushed
   * @param {() => void} run
   */
  wait(time, run) {
    this.#scheduler.after(time, run, this);
  }
}

/** Something that will be pushed into a lane at its time. */
class Alarm {
  cancelled = false;

  /**
   * @param {number} time
   * @param {number} order
   * @param {Lane} lane
   * @param {() => void} run
   */
  constructor(time, order, lane, run) {
    this.time = time;
    this.order = order;
    this.lane = lane;
    this.run = run;
  }

  cancel() {
    this.cancelled = true;
    this.run = () => {};
  }
}

export class Scheduler {
  now = 0;
  steps = 0;
  /** The last lines of the trace, or all. @type {string[]} */
  lines = [];
  /** Lanes with something due, the longest waiting first. @type {Lane[]} */
  #ready = [];
  /** @type {Alarm[]} a heap, the next first */
  #alarms = [];
  #made = 0;
  #order;
  /** What a step takes on average, in milliseconds. */
  #pace;
  #hash = createHash('sha256');
  #keep;

  /**
   * @param {number} seed
   * @param {number} [keep] how many lines of the trace are kept
   */
  constructor(seed, keep = 0) {
    this.random = new Random(seed);
    this.#keep = keep;
    this.#order = this.random.of(ORDERS);
    this.#pace = this.random.pick([
      [3, 0.01],
      [2, 0.04],
    ]);
  }

  /** @param {string} line */
  trace(line) {
    const text = `${this.now.toFixed(3)} ${line}`;
    this.#hash.update(text).update('\n');
    if (!this.#keep) return;
    this.lines.push(text);
    if (this.lines.length > 2 * this.#keep) this.lines.splice(0, this.#keep);
  }

  digest() {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }

  /** @param {number} [patience] */
  lane(patience = 3) {
    return new Lane(this, patience);
  }

  /** @param {Lane} lane whose first task is due from now on */
  due(lane) {
    lane.since = this.now;
    lane.weight = this.random.next();
    this.#ready.push(lane);
  }

  /**
   * @param {number} delay
   * @param {() => void} run
   * @param {Lane} [lane] one of its own by default
   */
  after(delay, run, lane = this.lane(0.5)) {
    const alarm = new Alarm(this.now + Math.max(0, delay), ++this.#made, lane, run);
    const heap = this.#alarms;
    let i = heap.push(alarm) - 1;
    for (; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!before(alarm, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = alarm;
    return alarm;
  }

  #pop() {
    const heap = this.#alarms;
    const first = heap[0];
    const last = /** @type {Alarm} */ (heap.pop());
    if (heap.length > 0) {
      let i = 0;
      for (let child; (child = 2 * i + 1) < heap.length; i = child) {
        if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
        if (!before(heap[child], last)) break;
        heap[i] = heap[child];
      }
      heap[i] = last;
    }
    return first;
  }

  /** The lane that is next, by the seed. */
  #choose() {
    const ready = this.#ready;
    const {now} = this;
    let chosen = ready.findIndex(({since, patience}) => now - since > patience);
    if (chosen < 0) {
      if (this.#order === 'prompt') chosen = this.random.chance(0.9) ? 0 : this.random.integer(0, ready.length - 1);
      else if (this.#order === 'any') chosen = this.random.integer(0, ready.length - 1);
      else chosen = ready.reduce((best, {weight}, i) => (weight > ready[best].weight ? i : best), 0);
    }
    return ready.splice(chosen, 1)[0];
  }

  /**
   * @param {number} [deadline]
   * @returns {boolean} whether there was something to do until then
   */
  step(deadline = Infinity) {
    for (;;) {
      const next = this.#alarms[0];
      if (next && next.time <= this.now) {
        this.#pop();
        if (!next.cancelled) next.lane.push(next.run);
      } else if (this.#ready.length > 0) break;
      else if (!next || next.time > deadline) return false;
      else this.now = next.time;
    }
    if (this.now > deadline) return false;
    const lane = this.#choose();
    const run = /** @type {() => void} */ (lane.queue.shift());
    if (lane.queue.length > 0) this.due(lane);
    this.steps++;
    this.now += -this.#pace * Math.log(1 - this.random.next());
    run();
    return true;
  }

  /** @param {number} time */
  runUntil(time) {
    while (this.step(time));
    this.now = Math.max(this.now, time);
  }

  /**
   * @param {() => boolean} condition
   * @param {number} within milliseconds
   * @returns {boolean} whether it came true
   */
  runWhile(condition, within) {
    const deadline = this.now + within;
    while (condition()) if (!this.step(deadline)) return !condition();
    return true;
  }
}

/**
 * @param {Alarm} a
 * @param {Alarm} b
 */
const before = (a, b) => a.time < b.time || (a.time === b.time && a.order < b.order);
