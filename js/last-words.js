/**
 * What who is gone said last may still be on its way, and on a busy machine it comes for a while. Nor has one gone whose
 * bridge has, which its page removed, or which crashed: who is asked says so, and all have another soon.
 */
import {COMES_BACK, FAREWELL, LAST_WORDS} from './limits.js';

/**
 * Resolves when nothing comes any more: after a silence, or when all of it has taken too long. A timer that comes late has
 * measured no silence: this context did not run meanwhile, and others may not have either.
 *
 * @param {Iterable<{used: boolean, ask?: () => boolean}>} links links, or what else is used whenever something comes
 */
export async function lastWords(links) {
  const begin = performance.now();
  for (let now = begin, heard = true; heard && now - begin < FAREWELL;) {
    let asked = false;
    for (const link of links) {
      link.used = false;
      if (link.ask?.() !== false) asked = true;
    }
    const before = now;
    await new Promise((resolve) => setTimeout(resolve, LAST_WORDS));
    now = performance.now();
    heard = now - before > 1.25 * LAST_WORDS || !(asked || now - begin >= COMES_BACK);
    for (const {used} of links) heard ||= used;
  }
}
