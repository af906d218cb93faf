/** Timers, clocks and chance. */

/** When the virtual time began. */
const EPOCH = 1_790_000_000_000;
/** How often the timers of a hidden page run, in milliseconds. */
const THROTTLE = 1_000;

export class Timers {
  #world;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  /** @param {import('./world.js').Context} context that has ended */
  end(context) {
    for (const alarm of context.timers.values()) alarm.cancel();
    context.timers.clear();
  }

  /** @param {import('./world.js').Context} context */
  api(context) {
    const {scheduler} = this.#world;
    let made = 0;
    return {
      set: (/** @type {() => void} */ run, /** @type {number} */ delay, /** @type {boolean} */ again) => {
        const id = ++made;
        const wait = Math.max(Number(delay) || 0, again ? 4 : 0);
        const arm = () => {
          const due = context.hidden ? Math.ceil((scheduler.now + wait) / THROTTLE) * THROTTLE - scheduler.now : wait;
          const alarm = scheduler.after(due, fire, context.timerLane);
          context.timers.set(id, alarm);
        };
        const fire = () => {
          const alarm = context.timers.get(id);
          this.#world.enter(context, `timer ${wait}`, () => {
            // It may have been cleared by the one before.
            if (!alarm || context.timers.get(id) !== alarm) return;
            if (!again) context.timers.delete(id);
            run();
            if (again && context.alive && context.timers.has(id)) arm();
          });
        };
        arm();
        return id;
      },
      clear: (/** @type {number} */ id) => {
        context.timers.get(id)?.cancel();
        context.timers.delete(id);
      },
    };
  }

  /**
   * What reading tells, also in a context that has just ended.
   *
   * @param {import('./world.js').Context} context
   */
  clock({born}) {
    const {scheduler} = this.#world;
    const {random} = scheduler;
    return {
      timeOrigin: EPOCH + born,
      now: () => scheduler.now - born,
      wall: () => EPOCH + scheduler.now,
      random: () => random.next(),
      uuid: () => {
        const hex = Array.from({length: 32}, () => Math.floor(random.next() * 16).toString(16)).join('');
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
      },
    };
  }
}

/** @param {any} host */
export function timers(host) {
  const {clock} = host;
  const NativeDate = Date;
  class VirtualDate extends NativeDate {
    constructor(/** @type {any[]} */ ...args) {
      super(.../** @type {[number]} */ (args.length > 0 ? args : [clock.wall()]));
    }
    static now() {
      return Math.floor(clock.wall());
    }
  }
  Math.random = clock.random;
  host.define({
    Date: VirtualDate,
    performance: {now: clock.now, timeOrigin: clock.timeOrigin, mark() {}, measure() {}},
    crypto: {
      randomUUID: clock.uuid,
      getRandomValues(/** @type {any} */ array) {
        const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
        for (let i = 0; i < bytes.length; i++) bytes[i] = clock.random() * 256;
        return array;
      },
    },
    setTimeout: (/** @type {any} */ run, /** @type {number} */ delay, /** @type {any[]} */ ...args) =>
      host.timers.set(() => run(...args), delay, false),
    setInterval: (/** @type {any} */ run, /** @type {number} */ delay, /** @type {any[]} */ ...args) =>
      host.timers.set(() => run(...args), delay, true),
    clearTimeout: (/** @type {any} */ id) => host.timers.clear(id),
    clearInterval: (/** @type {any} */ id) => host.timers.clear(id),
    queueMicrotask: (/** @type {() => void} */ run) =>
      void Promise.resolve().then(() => {
        try {
          run();
        } catch (error) {
          host.uncaught(error);
        }
      }),
  });
}
