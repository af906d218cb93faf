/** A page of another origin can't tell a service that refuses from one that does not exist. */
import {assert, note, origins, service, test} from '../harness.js';
import {answeringService, rejects, services} from '../cases/connect-helpers.js';

const EACH = 1000;
/** Attempts at a time; a few, so that they don't queue for the processor and blur what is measured. */
const BATCH = 100;

/** @returns {number} how often the best threshold on the time guesses the kind right, in either direction */
function bestGuess(refused, absent) {
  const times = [...refused.map((time) => [time, 1]), ...absent.map((time) => [time, -1])].sort(([a], [b]) => a - b);
  // With the threshold below all of them, every guess is "refused": right for those.
  let right = refused.length;
  let best = Math.max(right, times.length - right);
  for (const [index, [time, kind]] of times.entries()) {
    right -= kind;
    // No threshold lies between equal times.
    if (times[index + 1]?.[0] !== time) best = Math.max(best, right, times.length - right);
  }
  return best / times.length;
}

test('the estimate finds a difference where there is one', () => {
  assert.equal(bestGuess([1, 2, 3], [4, 5, 6]), 1);
  assert.equal(bestGuess([4, 5, 6], [1, 2, 3]), 1);
  assert.equal(bestGuess([1, 1, 1], [1, 1, 1]), 0.5);
  assert.equal(bestGuess([1, 3], [2, 4]), 0.75);
});

if (service.origin === origins.own) {
  test('same-origin callers do not wait for a tick', async () => {
    const known = await answeringService();
    const times = [];
    for (let n = 0; n < 5; n++) {
      const start = performance.now();
      await rejects(services.connect(known.at('refuse')), 'AbortError');
      await rejects(services.connect(`${service.origin}/nothing/here/`), 'AbortError');
      times.push(performance.now() - start);
    }
    // Who waits for ticks takes two of them each time.
    assert.isBelow(Math.min(...times), 900);
    known.close();
  });
} else {
  test(
    'refusal and absence differ neither in name nor in message nor in time',
    async () => {
      const known = await answeringService();
      const faces = new Set();
      const times = {refused: [], absent: []};
      const attempt = async (kind, url) => {
        const start = performance.now();
        const error = await rejects(services.connect(url), 'AbortError');
        times[kind].push(performance.now() - start);
        faces.add(JSON.stringify([error.name, error.message, error.code, Reflect.ownKeys(error)]));
      };
      for (let done = 0; done < EACH; done += BATCH / 2) {
        const kinds = Array.from({length: BATCH}, (_, i) => (i % 2 === 0 ? 'refused' : 'absent'));
        // In an order of its own each time: a place in the queue must not give a kind away.
        kinds.sort(() => Math.random() - 0.5);
        await Promise.all(
          kinds.map((kind, i) =>
            attempt(kind, kind === 'refused' ? known.at('refuse') : `${service.origin}/nothing/${done}/${i}`),
          ),
        );
      }
      assert.deepEqual([times.refused.length, times.absent.length], [EACH, EACH]);
      assert.equal(faces.size, 1);
      const guess = bestGuess(times.refused, times.absent);
      await note(`the best threshold guesses right in ${(guess * 100).toFixed(1)} %`);
      assert.isAtMost(guess, 0.55);
      known.close();
    },
    {seconds: 180},
  );
}
