/** What who is gone said last may still be on its way, and on a busy machine it comes for a while. */
import {FAREWELL, LAST_WORDS} from './limits.js';

/**
 * Resolves when nothing comes any more: after a silence, or when all of it has taken too long. Time in which a timer came
 * late is no silence: this context did not run meanwhile, and others may not have either.
 *
 * @param {Iterable<{used: boolean}>} links links, or what else is used whenever something comes
 * @param {() => number[]} [ask] has those asked that may not have gone at all; how long each must have been silent
 */
export async function lastWords(links, ask = () => [LAST_WORDS]) {
  const begin = performance.now();
  for (let now = begin, silent = 0; silent < Math.max(...ask()) && now - begin < FAREWELL;) {
    for (const link of links) link.used = false;
    const before = now;
    await new Promise((resolve) => setTimeout(resolve, LAST_WORDS));
    now = performance.now();
    if (now - before <= 1.25 * LAST_WORDS) silent += LAST_WORDS;
    for (const {used} of links) if (used) silent = 0;
  }
}
