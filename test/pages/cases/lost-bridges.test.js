/**
 * An application that removes, moves or reloads the hidden frame of a bridge, at any moment, still connects, its service
 * hears of that once.
 */
import {
  assert,
  bridgeIsGone,
  bridgeIsMounted,
  facts,
  installed,
  loaded,
  origins,
  post,
  service,
  take,
  test,
} from '../harness.js';
import {ask, nextFrom, services} from './connect-helpers.js';
import {losses} from './lost-bridges-helpers.js';

/** Until somebody looks after the bridge, another is mounted, and the service has thought again. */
const SOON = 8_000;
/** js/limits.js */
const WORKER_START = 15_000;

const scope = await installed('patient-service');
let attempts = 0;

const moments = {
  'as it is mounted': async () => {},
  'when it has loaded': loaded,
  'while the service thinks': (_, channel) => take(channel),
};

/** A port of a service that lives. */
async function connected(target = scope) {
  const port = await services.connect(target);
  const closed = nextFrom(port, 'close').then(() => assert.fail('the port was closed'));
  // It may close when nobody asks any more.
  closed.catch(() => {});
  return {port, answers: async () => assert.isString((await Promise.race([ask(port, 'who'), closed])).who)};
}

/** How often a service has heard of the attempt that its URL gives this channel. */
async function timesHeard(channel) {
  await post(channel, 'that is all');
  let times = 0;
  for (let told = ''; told !== 'that is all'; told = await take(channel)) if (told.begun) times++;
  return times;
}

// A page of the service's own origin has no frame.
if (service.origin !== origins.own) {
  for (const [what, lose] of Object.entries(losses)) {
    for (const [when, moment] of Object.entries(moments)) {
      test(`an attempt whose bridge is ${what} ${when} comes to something`, async () => {
        await bridgeIsGone();
        const channel = `lost ${facts.client} ${attempts++}`;
        const begun = performance.now();
        const attempt = connected(`${scope}?${new URLSearchParams({in: 'respondWith', seconds: 0.6, channel})}`);
        const frame = await bridgeIsMounted();
        const told = await moment(frame, channel);
        lose(frame);
        const {port, answers} = await attempt;
        assert.isBelow(performance.now() - begun, SOON);
        await answers();
        assert.equal((await timesHeard(channel)) + (told?.begun ? 1 : 0), 1);
        port.close();
        document.querySelector('iframe:not([src])')?.remove();
      });
    }

    test(`the next attempt after its bridge was ${what} comes to something`, async () => {
      const first = await connected();
      await lose(await bridgeIsMounted());
      const begun = performance.now();
      const second = await connected();
      assert.isBelow(performance.now() - begun, SOON);
      await second.answers();
      await first.answers();
      first.port.close();
      second.port.close();
      document.querySelector('iframe:not([src])')?.remove();
    });
  }

  test(
    'an attempt whose bridge is lost while the service thinks longer than a worker may take to start is heard once',
    async () => {
      await bridgeIsGone();
      const channel = `lost ${facts.client} ${attempts++}`;
      const seconds = WORKER_START / 1_000 + 3;
      const attempt = connected(`${scope}?${new URLSearchParams({in: 'respondWith', seconds, channel})}`);
      const frame = await bridgeIsMounted();
      assert.isString((await take(channel)).begun);
      frame.remove();
      const {port, answers} = await attempt;
      await answers();
      assert.equal(await timesHeard(channel), 0);
      port.close();
    },
    {seconds: 60},
  );
}
