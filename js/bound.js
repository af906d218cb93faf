/** Bounds on what others may take, which fire only for time in which they could have done it. */
import {LATE, ROUNDS} from './limits.js';

/**
 * Calls back after a time. Where a timer comes late, this context did not run meanwhile, and what it waits for may not have
 * either: a browser freezes pages, the system stops browsers, a computer sleeps. Then that has the whole time again. In a
 * hidden page timers are always late, so this happens so many times at most.
 *
 * @param {number} time in milliseconds
 * @param {() => void} act
 * @returns {() => void} ends it
 */
export function bound(time, act, rounds = ROUNDS) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const begin = () => {
    const begun = performance.now();
    timer = setTimeout(() => (--rounds && performance.now() - begun > time + LATE ? begin() : act()), time);
  };
  begin();
  return () => clearTimeout(timer);
}
