/** What bounds a client, and that nobody else feels what it tries. */
import {assert, facts, installed, loader, note, openTab, origins, take, test} from '../harness.js';
import {ask, services} from '../cases/connect-helpers.js';

/** More than an engine decides at once; what bounds them is ours, and the same in all. */
const ATTEMPTS = facts.engine === 'chromium' ? 10_000 : 3_000;

/** So long may another client's connection take meanwhile, to be made and to answer. */
const BOUND = 5_000;

for (const by of ['loader', 'hand']) {
  test(
    `${ATTEMPTS} attempts by ${by} leave another client of the service working`,
    async () => {
      const scope = await installed('answering-service');
      const works = async () => {
        const begin = performance.now();
        const port = await services.connect(`${scope}?answer=accept`);
        assert.equal(await ask(port, 'works'), 'works');
        port.close();
        return performance.now() - begin;
      };
      const before = await works();
      const channel = `hostile by ${by}`;
      const query = new URLSearchParams({by, channel, loader, scope, count: ATTEMPTS});
      const tab = await openTab(`${origins.own}/trials/hostile.html?${query}`);
      assert.equal(await take(channel), 'begun');
      const times = [];
      let outcomes;
      const over = take(channel).then((value) => (outcomes = value));
      do times.push(await works());
      while (!outcomes);
      await over;
      times.sort((a, b) => a - b);
      await note(
        `${by}: ${JSON.stringify(outcomes)}; another client ${before | 0} ms before, meanwhile ${times.length} times, ` +
          `median ${times[times.length >> 1] | 0} ms, at most ${times.at(-1) | 0} ms`,
      );
      assert.isObject(outcomes);
      assert.isAtMost(times.at(-1), BOUND);
      await tab.close();
      await works();
    },
    {seconds: 90},
  );
}
