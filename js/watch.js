import {gone} from './context.js';

/** Watches the contexts that links depend on: one watch for each context, however many links there are. */
export class Watch {
  /** @type {Map<string, {links: Set<import('./link.js').Link>, end: AbortController, isGone: boolean}>} by context */
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
    let entry = this.#watched.get(context);
    if (!entry) {
      const links = new Set();
      const end = new AbortController();
      const its = (entry = {links, end, isGone: /** @type {boolean} */ (false)});
      this.#watched.set(context, its);
      const tell = () => {
        if (end.signal.aborted) return;
        this.#watched.delete(context);
        this.#tell(context, links);
      };
      gone(context, end.signal).then(() => {
        its.isGone = true;
        setTimeout(tell, this.#delay);
      });
    }
    entry.links.add(link);
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
