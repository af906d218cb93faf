/** A slow conversation, and the silence after it. Nothing here may keep the worker awake but what is tested. */
import {assert, embed, installed, note, service, test} from '../harness.js';
import {after, message, services, Tally} from './tally.js';

test(
  'a message a second for 5 minutes: one start of the worker; then it falls asleep',
  async () => {
    const scope = await installed('reporting-service');
    const port = await services.connect(scope);
    const tally = new Tally();
    services.addEventListener('message', ({data}) => tally.take(data));
    const begin = performance.now();
    while (performance.now() - begin < 300_000) {
      port.postMessage(message(++tally.posted));
      await after(1_000);
    }
    const quiet = Date.now();
    await tally.complete(5_000);
    const {outcome} = tally;
    await note(JSON.stringify(outcome));
    assert.deepInclude(outcome, {received: tally.posted, doubled: 0, starts: 1, lost: [], wrong: []});
    const [instance] = tally.instances;
    const frame = await embed(service.origin);
    const asleep = await frame.ask('free', {lock: instance});
    await note(`the worker is asleep ${asleep - quiet} ms after the last message`);
    assert.isAtMost(asleep - quiet, 60_000);
    frame.remove();
    // The connection has outlived the sleep.
    port.postMessage(message(++tally.posted));
    await tally.complete();
    assert.deepInclude(tally.outcome, {doubled: 0, starts: 2, lost: [], wrong: []});
  },
  {seconds: 400},
);
