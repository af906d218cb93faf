/** The registry ends under its clients: nothing that an application sees changes. */
import {
  ask,
  assert,
  embed,
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
import {snapshotOnce} from '../cases/connect-helpers.js';
import {message, services, Tally} from './tally.js';

test(
  'contexts introduce themselves to the next generation, and stops are survived as before',
  async () => {
    const scope = await installed('reporting-service');
    const channel = 'leaver';
    const leaving = `${scope}?channel=${channel}`;
    const tab = await openTab(`${origins.own}/client.html?${new URLSearchParams({channel, service: leaving, loader})}`);
    assert.equal(await take(channel), 'connected');
    const port = await services.connect(scope);
    const tally = new Tally();
    services.addEventListener('message', ({data}) => tally.take(data));
    const frame = await embed(service.origin);
    const generations = new Set();
    for (let i = 0; i < 5; i++) {
      port.postMessage(message(++tally.posted));
      await tally.complete();
      const before = await frame.ask('snapshot');
      generations.add(before.generation);
      await ask('end-shared-workers');
      if (i % 2) port.postMessage(message(++tally.posted));
      await stopServiceWorkers();
      port.postMessage(message(++tally.posted));
      await tally.complete();
      const snapshot = await snapshotOnce(
        frame,
        ({generation, connections}) => generation !== before.generation && connections.length === 2,
      );
      assert.includeMembers(
        snapshot.connections.map(({targetURL}) => targetURL),
        [scope, leaving],
      );
    }
    assert.equal(generations.size, 5);
    const {outcome} = tally;
    await note(JSON.stringify(outcome));
    assert.deepInclude(outcome, {doubled: 0, lost: [], wrong: []});
    // The last generation tells of deaths as the first would have.
    await tab.crash();
    assert.equal((await take(channel)).closed, leaving);
    await post(channel, 'nothing more');
    assert.equal(await take(channel), 'nothing more');
    assert.include(await services.matchAll(), port);
    frame.remove();
    port.close();
  },
  {seconds: 60},
);
