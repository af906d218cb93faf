/**
 * Numbered messages with a checksum, and what became of them: what these tests count with, in every kind of global.
 * A classic script, so that service workers can import it.
 */
{
  /** 32 bits of FNV-1a. */
  const sumOf = (text) => {
    let sum = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
    return sum >>> 0;
  };

  /** @returns {() => number} from 0 to 1, the same sequence for the same seed (Mulberry32) */
  const seeded = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  /** Message number `n`, whose text is as long as chance wants. */
  const message = (n, random = Math.random) => {
    const text = `${n} `.repeat(1 + Math.floor(20 * random()));
    return {n, text, sum: sumOf(text)};
  };

  /** What reached the end that sends the messages back, port by port, as long as it lives. */
  class Receiver {
    #last = new WeakMap();

    /** @returns {string | undefined} what is wrong with a message */
    check(port, {n, text, sum}) {
      const last = this.#last.get(port);
      this.#last.set(port, Math.max(n, last ?? n));
      if (sumOf(text) !== sum) return `the text of ${n} was changed`;
      // What came before comes again after a stop; the end that sent it counts how often.
      if (last !== undefined && n > last + 1) return `${n} came after ${last}`;
    }
  }

  /** What came back to the end that posted the messages. */
  class Tally {
    posted = 0;
    received = 0;
    doubled = 0;
    /** @type {Set<string>} the starts of the worker that answered */
    instances = new Set();
    /** @type {string[]} */
    wrong = [];
    #seen = new Set();
    #highest = 0;
    #next = Promise.withResolvers();

    /** @param {any} data what came back */
    take({n, text, sum, instance, wrong}) {
      this.received++;
      this.instances.add(instance);
      if (wrong) this.wrong.push(`at the service, ${wrong}`);
      if (sumOf(text) !== sum) this.wrong.push(`the text of ${n} was changed on its way back`);
      if (this.#seen.has(n)) this.doubled++;
      else if (n < this.#highest) this.wrong.push(`${n} came back after ${this.#highest}`);
      this.#seen.add(n);
      this.#highest = Math.max(this.#highest, n);
      this.#next.resolve();
      this.#next = Promise.withResolvers();
    }

    /** Number `n` was not posted after all. */
    skip(n) {
      this.#seen.add(n);
    }

    /** Numbers that were posted and have not come back. */
    get lost() {
      return Array.from({length: this.posted}, (_, i) => i + 1).filter((n) => !this.#seen.has(n));
    }

    /** Waits until every message has come back, or nothing has for `patience` milliseconds. */
    async complete(patience = 35_000) {
      while (this.#seen.size < this.posted) {
        let timer;
        const impatient = new Promise((resolve) => (timer = setTimeout(resolve, patience, true)));
        const gaveUp = await Promise.race([this.#next.promise, impatient]);
        clearTimeout(timer);
        if (gaveUp) return;
      }
    }

    /** The outcome, to be printed or asserted. */
    get outcome() {
      const {posted, received, doubled, wrong, instances, lost} = this;
      return {posted, received, doubled, starts: instances.size, lost: lost.slice(0, 20), wrong: wrong.slice(0, 20)};
    }
  }

  self.numbered = {sumOf, seeded, message, Receiver, Tally};
}
