/** A new version of the service's worker takes over the ports, whether it waits for its turn or not. */
import {assert, note, test} from '../harness.js';
import {after} from './tally.js';
import {assertKept, begin} from './updates.js';

test(
  'updates with skipWaiting while quiet: nothing twice, in time',
  async () => {
    const run = await begin('1skip');
    let version = 1;
    for (; version < 6; version++) {
      run.post(100);
      await run.tally.complete();
      await after(100); // quiet
      const begin = performance.now();
      await run.install(`${version + 1}skip`);
      await note(`the update took ${(performance.now() - begin) | 0} ms`);
      assert.isAtMost(performance.now() - begin, 5_000);
    }
    run.post(100);
    await run.tally.complete();
    assertKept(run, '1skip', `${version}skip`);
    assert.equal(run.tally.doubled, 0);
    await run.end();
  },
  {seconds: 60},
);

test(
  'an update without skipWaiting: nothing controls a page, so it takes its turn by itself',
  async () => {
    const run = await begin('1');
    run.post(100);
    await run.tally.complete();
    await after(100); // quiet
    await run.install('2');
    run.post(100);
    await run.tally.complete();
    await note(JSON.stringify(run.tally.outcome));
    assertKept(run, '1', '2');
    assert.equal(run.tally.doubled, 0);
    await run.end();
  },
  {seconds: 60},
);
