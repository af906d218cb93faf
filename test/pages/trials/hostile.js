/**
 * A client that attempts ten thousand times to connect, as fast as it can: `by` the loader, or by hand, where nothing
 * of its own bounds it. It tells the channel that its URL names what came of it, and stays.
 */
const {by, channel, loader, scope, count} = Object.fromEntries(new URLSearchParams(location.search));

/** What a service answers in every way, and what nobody answers. */
const targetOf = (i) => {
  const answers = ['accept', 'refuse', 'reject', 'when-told', 'nobody'];
  return i % 6 < 5 ? `${scope}?answer=${answers[i % 6]}&hostile=${i}` : `${new URL(scope).origin}/nothing/here/${i}`;
};

const ways = {
  /** All at once. */
  async loader() {
    const attempts = Array.from({length: Number(count)}, (_, i) => navigator.services.connect(targetOf(i)));
    const outcomes = {};
    const tally = (name) => (outcomes[name] = (outcomes[name] ?? 0) + 1);
    // What the service has been told to leave pending does not settle.
    const settled = attempts.filter((_, i) => i % 6 !== 3);
    attempts.forEach((attempt) => attempt.catch(() => {}));
    await Promise.all(
      settled.map((attempt) =>
        attempt.then(
          () => tally('connected'),
          ({name}) => tally(name),
        ),
      ),
    );
    return outcomes;
  },

  /** All at once, and its links never listen. */
  async hand() {
    const {mountBridge, connectByHand} = await import('./by-hand.js');
    const bridge = await mountBridge(new URL(scope).origin);
    const control = bridge.serve();
    const outcomes = {};
    control.onmessage = ({data: {type}}) => (outcomes[type] = (outcomes[type] ?? 0) + 1);
    for (let i = 0; i < Number(count); i++) {
      const {port2} = new MessageChannel();
      control.postMessage(
        {
          ...{type: 'connect', attempt: i, connection: crypto.randomUUID()},
          ...{targetURL: targetOf(i), installWorker: i % 2 === 0},
        },
        [port2],
      );
    }
    // Behind them all: one by another control port, which the bridge serves when it is through.
    await connectByHand(bridge.serve(), 0, `${scope}?answer=accept&last`);
    return outcomes;
  },
};

async function main() {
  const {describe, loadScript, post} = await import('../harness.js');
  if (by === 'loader') await loadScript(loader);
  await post(channel, 'begun');
  await post(channel, await ways[by]().catch(describe));
}

main();
