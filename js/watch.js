import {gone} from './context.js';

/**
 * @typedef {object} Watched
 * @property {Set<import('./link.js').Link>} links
 * @property {AbortController} end ends the watch
 * @property {boolean} isGone whether the context is, and links are about to be told
 */

/** Watches the contexts that links depend on: one watch for each context, however many links there are. */
export class Watch {
  /** @type {Map<string, Watched>} by context */
  #watched = new Map();
  #tell;
  #delay;

  /**
   * @param {(context: string, links: Iterable<import('./link.js').Link>) => void} tell called with a context that is gone
   * @param {number} [delay] so much later, in milliseconds, unless it is removed meanwhile
   */
  constructor(tell, delay) {
    this.#tell = tell;
    this.#delay = delay;
  }

  /**
   * @param {string} context
   * @param {import('./link.js').Link} link
   */
  add(context, link) {
    const known = this.#watched.get(context);
    if (known) known.links.add(link);
    else this.#watch(context, {links: new Set([link]), end: new AbortController(), isGone: false});
  }

  /**
   * @param {string} context
   * @param {Watched} watched
   */
  async #watch(context, watched) {
    const {links, end} = watched;
    this.#watched.set(context, watched);
    await gone(context, end.signal);
    watched.isGone = true;
    setTimeout(() => {
      if (end.signal.aborted) return;
      this.#watched.delete(context);
      this.#tell(context, links);
    }, this.#delay);
  }

  /** @param {string} context that links will be told of */
  hasGone(context) {
    return this.#watched.get(context)?.isGone === true;
  }

  /**
   * @param {string} context
   * @param {import('./link.js').Link} link
   */
  remove(context, link) {
    const entry = this.#watched.get(context);
    if (!entry?.links.delete(link) || entry.links.size > 0) return;
    entry.end.abort();
    this.#watched.delete(context);
  }
}
