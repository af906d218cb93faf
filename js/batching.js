/** Changes that come while others are being made are made together. */

/**
 * @template Target, Change
 * @param {() => Promise<Target>} open what the changes are made to; who waits for it is in the first batch
 * @param {(target: Target, changes: Array<(...args: any) => void>) => Promise<unknown>} commit calls each of them, and
 *   resolves once all are done; one that throws is told so in its turn, and the others are made
 * @returns {(change: Change & ((...args: any) => void)) => Promise<void>} resolves in the order of the calls
 */
export function batching(open, commit) {
  /** @typedef {{change: (...args: any) => void, resolve: () => void, reject: (error: unknown) => void}} Waiting */
  /** @type {Waiting[]} */
  let next = [];
  let running = false;

  async function run() {
    running = true;
    while (next.length > 0) {
      const batch = next;
      try {
        const target = await open();
        next = [];
        await commit(target, batch.map(guarded));
        for (const {resolve} of batch) resolve();
      } catch (error) {
        if (next === batch) next = [];
        for (const {reject} of batch) reject(error);
      }
    }
    running = false;
  }

  /**
   * That those before it are done must be known by the time that a change is told of its error.
   *
   * @param {Waiting} waiting
   */
  const guarded =
    (waiting) =>
    (/** @type {any[]} */ ...args) => {
      try {
        waiting.change(...args);
      } catch (error) {
        waiting.resolve = () => waiting.reject(error);
      }
    };

  return (change) =>
    new Promise((resolve, reject) => {
      next.push({change, resolve, reject});
      if (!running) run();
    });
}
