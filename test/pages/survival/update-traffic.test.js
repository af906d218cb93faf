/** A new version of the service's worker takes over while messages flow. */
import {assert, note, test} from '../harness.js';
import {after} from './tally.js';
import {assertKept, begin} from './updates.js';

const underTraffic = (name, {skip = 'skip', elsewhere = false, mostDoubled = 0}) =>
  test(
    name,
    async () => {
      const run = await begin(`1${skip}`, elsewhere);
      let version = 1;
      for (; version < 4; version++) {
        const begun = performance.now();
        let updating = true;
        let took = 0;
        const updated = run.install(`${version + 1}${skip}`).then(() => {
          updating = false;
          took = performance.now() - begun;
        });
        // On to where the next version must have taken messages, too.
        while (updating || performance.now() - begun < 1_500) {
          run.post(10);
          await after(20);
        }
        await updated;
        await note(`the update took ${took | 0} ms`);
        assert.isAtMost(took, 10_000);
      }
      run.post(1);
      await run.tally.complete();
      await note(JSON.stringify(run.tally.outcome));
      assertKept(run, `1${skip}`, `${version}${skip}`);
      assert.isAtMost(run.tally.doubled, mostDoubled);
      await run.end();
    },
    {seconds: 60},
  );

underTraffic('updates with skipWaiting while messages flow: nothing twice that was answered', {});
// What has just been handled, and no answer has confirmed.
underTraffic('updates with skipWaiting while messages flow that are answered elsewhere', {
  elsewhere: true,
  mostDoubled: 3 * 64,
});
underTraffic('updates without skipWaiting while messages flow: nothing twice that was answered', {skip: ''});
