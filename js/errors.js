/** The errors an application sees, and what a developer reads on the console. */

/** Every failed attempt looks like this, whatever the cause: the cause may be another site's secret. */
export const connectFailed = () => new DOMException('The connection could not be established.', 'AbortError');

/**
 * A bound of `limits.js` was met; nothing was done.
 *
 * @param {number} bound
 * @param {string} what
 */
export const moreThan = (bound, what) => new DOMException(`More than ${bound} ${what}.`, 'QuotaExceededError');

/** @type {Set<string>} */
const said = new Set();

/**
 * Tells the developer a cause and its cure, once.
 *
 * @param {'warn' | 'error'} level
 * @param {string} text
 */
export function tellOnce(level, text) {
  if (said.has(text)) return;
  said.add(text);
  console[level](`navigator-connect: ${text}`);
}
