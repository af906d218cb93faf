/** Shortens a life that fails, by leaving out what is not needed for that. */

/** @typedef {import('./life.js').Life} Life */

/** How often a life is played for it. */
const TRIES = 250;

/** A failure without what chance has made of it. @param {string} failure */
const kindOf = (failure) =>
  failure
    .split('\n')[0]
    .replace(/^at [\d.]+: /, '')
    .replace(/[\d.]+/g, '');

/**
 * @param {Life} life
 * @param {string} failure
 * @param {(life: Life) => Promise<import('./life.js').Verdict>} play
 * @returns {Promise<Life>}
 */
export async function shrink(life, failure, play) {
  let tries = 0;
  let best = life;
  const wanted = kindOf(failure);
  /** @param {Life} shorter */
  const fails = async (shorter) => tries++ < TRIES && kindOf((await play(shorter)).failure) === wanted;
  for (const list of /** @type {const} */ (['faults', 'steps'])) {
    for (let size = Math.ceil((best[list]?.length ?? 0) / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
      for (let i = (best[list]?.length ?? 0) - size; i > -size; i -= size) {
        const all = /** @type {any[]} */ (best[list]);
        const shorter = {...best, [list]: [...all.slice(0, Math.max(0, i)), ...all.slice(Math.max(0, i) + size)]};
        if (await fails(shorter)) best = shorter;
      }
    }
  }
  return best;
}
