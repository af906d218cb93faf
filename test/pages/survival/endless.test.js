/** What never ends. Nothing else here keeps the worker awake. */
import {assert, embed, installed, note, service, take, test} from '../harness.js';

const {services} = navigator;

/** limits.js */
const MAX_AWAKE = 300_000;
/** As long as a worker may idle, and as it takes the others to notice that it need not. */
const IDLE = 60_000;

test(
  'waitUntil() of a promise that never settles keeps the worker for 5 minutes',
  async () => {
    const channel = 'endless';
    const query = new URLSearchParams({in: 'message', channel, seconds: 3_600});
    const port = await services.connect(`${await installed('patient-service')}?${query}`);
    const frame = await embed(service.origin);
    const begin = Date.now();
    port.postMessage('begin');
    const {begun} = await take(channel);
    const asleep = (await frame.ask('free', {lock: begun})) - begin;
    await note(`asleep after ${asleep} ms`);
    assert.isAtLeast(asleep, MAX_AWAKE);
    assert.isAtMost(asleep, MAX_AWAKE + IDLE);
    frame.remove();
    port.close();
  },
  {seconds: 400},
);
