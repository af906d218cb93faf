/** Workers that the browser stops by itself, because they are idle. */
import {assert, embed, installed, loadScript, note, service, test} from '../harness.js';

await loadScript('/survival/numbered.js');
const {Tally, message} = self.numbered;
const {services} = navigator;

test(
  '4,000 messages in bursts, between which the worker falls asleep: nothing lost, nothing twice',
  async () => {
    const port = await services.connect(await installed('reporting-service'));
    const tally = new Tally();
    services.addEventListener('message', ({data}) => tally.take(data));
    const frame = await embed(service.origin);
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
