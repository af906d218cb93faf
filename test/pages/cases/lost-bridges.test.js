/** An application that removes, moves or reloads the hidden frame of a bridge, at any moment, still connects. */
import {
  assert,
  bridgeIsGone,
  bridgeIsMounted,
  facts,
  installed,
  loaded,
  origins,
  service,
  take,
  test,
} from '../harness.js';
import {ask, nextFrom, services} from './connect-helpers.js';

/** Until somebody looks after the bridge, another is mounted, and the service has thought again. */
const SOON = 8_000;

const scope = await installed('patient-service');
let attempts = 0;

const moments = {
  'as it is mounted': async () => {},
  'when it has loaded': loaded,
  'while the service thinks': (_, channel) => take(channel),
};

/** What happens to a frame; something else is there when that has loaded. */
const losses = {
  removed: (frame) => frame.remove(),
  blanked(frame) {
    frame.src = 'about:blank';
    return loaded(frame);
  },
  moved(frame) {
    document.documentElement.prepend(frame);
    return loaded(frame);
  },
  reloaded(frame) {
    frame.src = `${frame.src}`;
    return loaded(frame);
  },
  'led elsewhere'(frame) {
    frame.contentWindow.location.replace(`${origins.own}/frame.html`);
    return loaded(frame);
  },
  'replaced by another': (frame) => frame.replaceWith(document.createElement('iframe')),
};

/**
 * A port whose service lives is asked who that is. It may have been connected just before its frame had gone, when the
 * service was slow to think or the frame to go: then it ends, and another has it.
 */
async function answers(port) {
  const closed = nextFrom(port, 'close').then(() => 'closed');
  const answer = await Promise.race([ask(port, 'who'), closed]);
  if (answer === 'closed') await answers(await services.connect(scope));
  else assert.isString(answer.who);
}

// A page of the service's own origin has no frame.
if (service.origin !== origins.own) {
  for (const [what, lose] of Object.entries(losses)) {
    for (const [when, moment] of Object.entries(moments)) {
      test(`an attempt whose bridge is ${what} ${when} comes to something`, async () => {
        await bridgeIsGone();
        const channel = `lost ${facts.client} ${attempts++}`;
        const begun = performance.now();
        const attempt = services.connect(`${scope}?${new URLSearchParams({in: 'respondWith', seconds: 0.6, channel})}`);
        const frame = await bridgeIsMounted();
        await moment(frame, channel);
        lose(frame);
        const port = await attempt;
        assert.isBelow(performance.now() - begun, SOON);
        await answers(port);
        port.close();
        document.querySelector('iframe:not([src])')?.remove();
      });
    }

    test(`the next attempt after its bridge was ${what} comes to something`, async () => {
      const first = await services.connect(scope);
      // What is attempted over a bridge that has yet to go is connected, and ends with it.
      await lose(await bridgeIsMounted());
      const begun = performance.now();
      const port = await services.connect(scope);
      assert.isBelow(performance.now() - begun, SOON);
      await answers(port);
      port.close();
      first.close();
      document.querySelector('iframe:not([src])')?.remove();
    });
  }
}
