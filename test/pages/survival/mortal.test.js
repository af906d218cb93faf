/**
 * The registry ends in every engine, its worker or the Go program in it: nothing that an application sees changes.
 */
import {
  assert,
  embed,
  facts,
  fault,
  installed,
  loader,
  note,
  openTab,
  origins,
  post,
  service,
  stopServiceWorkers,
  take,
  test,
} from '../harness.js';
import {REGISTRY_SILENCE} from '/js/limits.js';
import {snapshotOnce} from '../cases/connect-helpers.js';
import {message, services, Tally} from './tally.js';

/** `MAX_STARTS` in registry.js allows the program some more. */
const ENDS = 5;

const script = `${service.origin}/.well-known/navigator-connect/registry.js`;

for (const what of ['worker', 'program']) {
  test(
    `the registry's ${what} ends: contexts introduce themselves, and leaving and stops are noticed as before`,
    async () => {
      const frame = await embed(service.origin);
      const inFrame = (name, params) => frame.ask('call', {module: '/survival/end-registry.js', name, params});
      await fault(script, {
        headers: {'Content-Type': 'text/javascript'},
        body: await inFrame('script'),
      });

      const scope = await installed('reporting-service');
      const channel = `leaver of ${what}`;
      const leaving = `${scope}?${new URLSearchParams({channel})}`;
      const tab = await openTab(
        `${origins.own}/client.html?${new URLSearchParams({channel, service: leaving, loader})}`,
      );
      assert.equal(await take(channel), 'connected');
      const port = await services.connect(scope);
      const tally = new Tally();
      services.addEventListener('message', ({source, data}) => source === port && tally.take(data));
      const ask = async () => {
        port.postMessage(message(++tally.posted));
        await tally.complete();
      };
      /** The worker ends, where that can be had. */
      const stop = {
        chromium: stopServiceWorkers,
        firefox: () => frame.ask('free', {lock: [...tally.instances].at(-1)}),
        webkit: () => {},
      }[facts.engine];

      const generations = new Set();
      for (let i = 0; i < ENDS; i++) {
        await ask();
        const before = await frame.ask('snapshot');
        generations.add(before.generation);
        if (i % 2) await stop();
        await inFrame('end', {what});
        await ask();
        const {connections} = await snapshotOnce(
          frame,
          ({generation, connections}) => generation !== before.generation && connections.length === 2,
        );
        assert.includeMembers(
          connections.map(({targetURL}) => targetURL),
          [scope, leaving],
        );
        // The next generation tells of a stop, as the first would have.
        await stop();
        await ask();
      }
      assert.equal(generations.size, ENDS);
      const {outcome} = tally;
      await note(JSON.stringify(outcome));
      assert.deepInclude(outcome, {doubled: 0, lost: [], wrong: []});
      if (facts.engine !== 'webkit') assert.isAtLeast(outcome.starts, ENDS + 1);

      await tab.close();
      assert.equal((await take(channel)).closed, leaving);
      await post(channel, 'nothing more');
      assert.equal(await take(channel), 'nothing more');
      assert.include(await services.matchAll(), port);
      port.close();
      frame.remove();
    },
    {fresh: true, seconds: 90},
  );
}

test(
  'a worker that never speaks, as Firefox may hand one out for good, is left for another that all windows find',
  async () => {
    const channel = 'mute';
    const report = {method: 'POST', body: JSON.stringify({channel, data: 'connected'})};
    await fault(script, {
      headers: {'Content-Type': 'text/javascript'},
      body: `onconnect = () => fetch('/harness/post', ${JSON.stringify(report)});
        new BroadcastChannel('end the registry').onmessage = () => close();`,
    });
    const frames = [await embed(service.origin), await embed(service.origin)];
    const snapshots = frames.map((frame) => frame.ask('snapshot'));
    // Each of them twice.
    for (let i = 0; i < 4; i++) assert.equal(await take(channel), 'connected');
    await fault(script, {});
    await frames[0].ask('call', {module: '/survival/end-registry.js', name: 'end', params: {what: 'worker'}});
    const [{generation}, {generation: found}] = await Promise.all(snapshots);
    assert.equal(found, generation);

    // One that knows nothing starts the worker that all start with. That is not the registry now, and says so at once.
    frames.push(await embed(service.origin));
    const asked = performance.now();
    assert.equal((await frames[2].ask('snapshot')).generation, generation);
    assert.isBelow(performance.now() - asked, 3 * REGISTRY_SILENCE);
    for (const frame of frames) frame.remove();
  },
  {fresh: true, seconds: 60},
);
