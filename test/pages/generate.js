/** Generated messages, most of them nearly like ours: for every listener of ours that anyone can post to. */

/** Mulberry32: numbers below 1, the same for the same seed. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every type on the wire (`protocol.d.ts`), and two that are none. */
const types = (
  'courier ask asked here open leave hello ready serve failed connect close entangle connected resume met keepalive lost need ' +
  'stopped received answered wake window custody generation broken elsewhere which registry introduce answer ' +
  'begun busy snapshot x constructor'
).split(' ');

const fields = (
  'navigatorConnect type kind context scope client origin version attempt targetURL installWorker connection attempts ' +
  'accepted name fleeting generation reason frame __proto__ toString then length'
).split(' ');

/** A generator of messages; `lasting` leaves those out that end a connection, `without` those of these types. */
export function generator(seed, {lasting = false, without = lasting ? ['close'] : []} = {}) {
  const random = seeded(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const allowed = types.filter((type) => !without.includes(type));

  const primitives = [
    () => undefined,
    () => null,
    () => random() < 0.5,
    () => Math.floor(random() * 10),
    () => pick([0, -0, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53, -(2 ** 53), 1e308]),
    () => BigInt(Math.floor(random() * 2 ** 32)) ** 5n,
    () => pick(['', 'x', '\0', '\ud800', '../', 'http://[', 'data:,', '__proto__', location.origin, location.href]),
    () => crypto.randomUUID(),
    () => 'x'.repeat(Math.floor(random() * 5_000)),
    () => pick(allowed),
  ];
  const composites = [
    (depth) => Array.from({length: Math.floor(random() * 4)}, () => value(depth)),
    (depth) => Object.fromEntries(Array.from({length: Math.floor(random() * 4)}, () => [pick(fields), value(depth)])),
    (depth) => new Map([[value(depth), value(depth)]]),
    (depth) => new Set([value(depth)]),
    () => new Date(NaN),
    () => /x/g,
    () => new Uint8Array(Math.floor(random() * 100)),
    () => new Error('generated'),
    () => {
      const cyclic = {type: pick(allowed)};
      cyclic.context = cyclic;
      return cyclic;
    },
    () => new Uint32Array([1]).buffer,
  ];
  const value = (depth) => (depth > 0 && random() < 0.3 ? pick(composites)(depth - 1) : pick(primitives)());

  /** Of the type that the field has in most of our messages. */
  const likely = {
    navigatorConnect: () => pick([1, 1, 1, 0, 2, NaN]),
    version: () => pick([1, 2, -1]),
    kind: () => pick(['window', 'worker', 'sharedworker', 'serviceworker', 'x']),
    // WebKit has no locks of such a length.
    context: () => pick(['', 'x', 'x'.repeat(1_025), crypto.randomUUID()]),
    connection: () => pick(['', 'x', crypto.randomUUID()]),
    generation: () => crypto.randomUUID(),
    client: () => pick([Math.floor(random() * 5), crypto.randomUUID()]),
    attempt: () => Math.floor(random() * 5),
    attempts: () => [value(1), 1, 2],
    scope: () => pick(['', location.origin, 'http://[']),
    origin: () => pick([location.origin, 'null', 'http://[', '']),
    targetURL: () => pick(['http://[', `${location.origin}/nothing/here`, 'data:,', 'https://elsewhere.invalid/']),
    installWorker: () => false,
    accepted: () => random() < 0.5,
  };

  /** Nearly one of ours. */
  function control() {
    const message = {type: pick(allowed)};
    for (const field of fields.slice(2, 18)) {
      if (random() < 0.3) continue;
      message[field] = random() < 0.8 ? (likely[field] ?? (() => value(1)))() : value(2);
    }
    if (random() < 0.7) message.navigatorConnect = likely.navigatorConnect();
    return message;
  }

  /** Nearly what links post; that of two is the last. */
  const envelope = () =>
    Array.from({length: pick(lasting ? [0, 1, 3, 4] : [0, 1, 2, 3, 4])}, (_, i) =>
      i < 2 && random() < 0.8 ? pick(primitives)() : value(2),
    );

  /** The other ends of the ports, which keep them alive. @type {MessagePort[]} */
  let others = [];

  return {
    random,
    /** @returns {any} */
    next: () => (random() < 0.6 ? control() : random() < 0.4 ? envelope() : value(3)),
    /** @returns {MessagePort[]} none, one, two or three fresh ports */
    ports: () =>
      Array.from({length: Math.floor(random() * 4)}, () => {
        const {port1, port2} = new MessageChannel();
        others.push(port2);
        return port1;
      }),
    /** Closes those ports; a browser with many thousands of them becomes slow. */
    release() {
      for (const port of others) port.close();
      others = [];
    },
  };
}

/**
 * Posts `count` generated messages by `post`, in batches, so that who receives them keeps up.
 *
 * @param {number} count
 * @param {ReturnType<typeof generator>} generator
 * @param {(message: any, ports: MessagePort[]) => void} post
 */
export async function pour(count, generator, post) {
  for (let i = 0; i < count; i++) {
    post(generator.next(), generator.ports());
    if (i % 500 !== 499) continue;
    const {port1, port2} = new MessageChannel();
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage('');
    });
    port1.close();
    generator.release();
  }
}
