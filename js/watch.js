import {gone} from './context.js';

/**
 * @typedef {object} Watched
 * @property {Set<import('./link.js').Link>} links
 * @property {AbortController} end ends the watch
 */

/** Watches the contexts that links depend on: one watch for each context, however many links there are. */
export class Watch {
  /** @type {Map<string, Watched>} by context */
  #watched = new Map();
  #tell;
  #over;

  /**
   * @param {(context: string, links: Iterable<import('./link.js').Link>) => void} tell called with a context that is gone,
   *   and those links that still depend on it
   * @param {(context: string, links: Iterable<import('./link.js').Link>) => Promise<void>} [over] called before, for
   *   `tell` to wait
   */
  constructor(tell, over = async () => {}) {
    this.#tell = tell;
    this.#over = over;
  }

  /**
   * @param {string} context
   * @param {import('./link.js').Link} link
   */
  add(context, link) {
    const known = this.#watched.get(context);
    if (known) known.links.add(link);
    else this.#watch(context, {links: new Set([link]), end: new AbortController()});
  }

  /**
   * @param {string} context
   * @param {Watched} watched
   */
  async #watch(context, watched) {
    const {links, end} = watched;
    this.#watched.set(context, watched);
    await gone(context, end.signal);
    await this.#over(context, links);
    if (this.#watched.get(context) === watched) this.#watched.delete(context);
    this.#tell(context, links);
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
