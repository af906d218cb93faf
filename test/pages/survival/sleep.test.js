/** Workers that the browser stops by itself, because they are idle. */
import {askOn} from '../cases/native-helpers.js';
import {stashingService} from '../cases/stash-helpers.js';
import {assert, embed, installed, note, service as place, test} from '../harness.js';
import {after, message, services, Tally} from './tally.js';

test(
  '4,000 messages in bursts, between which the worker falls asleep: nothing lost, nothing twice',
  async ({signal}) => {
    const port = await services.connect(await installed('reporting-service'));
    const tally = new Tally();
    services.addEventListener('message', ({data}) => tally.take(data), {signal});
    const frame = await embed(place.origin);
    for (let starts = 1; starts <= 4; starts++) {
      while (tally.posted < 1_000 * starts) port.postMessage(message(++tally.posted));
      await tally.complete();
      const {outcome} = tally;
      assert.deepInclude(outcome, {received: 1_000 * starts, doubled: 0, starts, lost: [], wrong: []});
      const quiet = Date.now();
      const asleep = await frame.ask('free', {lock: [...tally.instances].at(-1)});
      await note(`asleep after ${asleep - quiet} ms`);
    }
    frame.remove();
  },
  {seconds: 300},
);

test(
  'a port in custody keeps its worker awake while it is in use, and lets it sleep when it is not',
  async () => {
    const service = await stashingService();
    const name = service.name();
    const {port1: port, port2} = new MessageChannel();
    await service.order('stash this port', {name}, [port2]);
    const {instance} = await askOn(port, 'first');
    const begin = performance.now();
    // Longer than a worker may idle.
    while (performance.now() - begin < 40_000) {
      await after(1_000);
      assert.equal((await askOn(port, 'more')).instance, instance);
    }
    const quiet = Date.now();
    const frame = await embed(place.origin);
    const asleep = await frame.ask('free', {lock: instance});
    await note(`asleep after ${asleep - quiet} ms`);
    assert.isAtMost(asleep - quiet, 60_000);
    assert.notEqual((await askOn(port, 'awake?')).instance, instance);
    service.close();
    frame.remove();
  },
  {seconds: 150},
);
