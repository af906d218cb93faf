/** No bound fires for time in which what it measures could not run: prerendered, frozen, all of the browser standing still. */
import {assert, facts, fault, installed, origins, post, service, suspend, take, test} from '../harness.js';
import {ask, nextFrom, services} from '../cases/connect-helpers.js';
import {heard, opened} from '../cases/last-words-helpers.js';
import {FRAME_LOAD, HANDSHAKE, PROOF} from '/js/limits.js';

const page = `${service.origin}/.well-known/navigator-connect/bridge.html`;
const scope = await installed('echo-service');

// A page of the service's own origin has no frame.
if (facts.client !== 'same-origin') {
  test(
    'the browser stands still while the frame of a bridge loads',
    async () => {
      const channel = crypto.randomUUID();
      await fault(page, {hold: channel});
      const attempt = services.connect(scope);
      await take(`${channel} asked`);
      await suspend(FRAME_LOAD + 1_000);
      await post(channel, true);
      const port = await attempt;
      assert.equal(await ask(port, 'hello'), 'hello');
      port.close();
    },
    {fresh: true},
  );

  test(
    'the browser stands still while a bridge is greeted',
    async () => {
      const [greeted, answer, served] = ['greeted', 'answer', 'served'].map((what) => `${what} ${crypto.randomUUID()}`);
      const tell = (channel) =>
        `fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel: '${channel}', data: true})})`;
      const body = `<!doctype html><script>
        addEventListener('message', async ({data, ports: [page]}) => {
          if (!data?.navigatorConnect) return;
          await ${tell(greeted)};
          await fetch('/harness/take', {method: 'POST', body: JSON.stringify({channel: '${answer}'})});
          page.onmessage = ({data: {type}}) => type === 'serve' && ${tell(served)};
          page.postMessage({type: 'ready', version: data.navigatorConnect});
        });
      </script>`;
      await fault(page, {body});
      const controller = new AbortController();
      const failed = services.connect(scope, {signal: controller.signal}).catch(({name}) => name);
      await take(greeted);
      await suspend(HANDSHAKE + 1_500);
      await post(answer, true);
      await take(served);
      controller.abort(new DOMException('enough', 'TimeoutError'));
      assert.equal(await failed, 'TimeoutError');
    },
    {fresh: true},
  );
}

test('the browser stands still while a connection is quiet, and while it speaks', async () => {
  const port = await services.connect(scope);
  let closed = false;
  port.addEventListener?.('close', () => (closed = true));
  assert.equal(await ask(port, 'before'), 'before');
  await suspend(PROOF + 1_000);
  assert.equal(await ask(port, 'after'), 'after');
  const answer = nextFrom(port, 'message');
  port.postMessage('and meanwhile');
  await suspend(2_000);
  assert.equal((await answer).data, 'and meanwhile');
  assert.isFalse(closed);
  port.close();
});

if (facts.engine === 'chromium') {
  test('a page that is prerendered connects when it is shown', async () => {
    const channel = crypto.randomUUID();
    const url = `${origins.own}/prerendered.html?${new URLSearchParams({channel, service: scope})}`;
    const show = crypto.randomUUID();
    // Not by the harness: where DevTools are attached, Chromium prerenders nothing.
    open(`${origins.own}/prerendering.html?${new URLSearchParams({url, channel: show})}`, '_blank', 'noopener');
    assert.equal(await take(channel), 'prerendering');
    const word = take(channel);
    const isOver = new Promise((resolve) => setTimeout(resolve, FRAME_LOAD + HANDSHAKE + 1_000, 'over'));
    assert.equal(await Promise.race([word, isOver]), 'over');
    await post(show, true);
    assert.equal(await word, `connected to ${scope}`);
  });

  test('a page that is frozen has not gone: what it says is delivered, and no close', async () => {
    const it = await opened({order: 'after', types: 'freeze pagehide', each: 2});
    await it.tab.freeze(true);
    assert.equal(await take(it.channel), 'freeze 1');
    assert.equal(await take(it.channel), 'freeze 2');
    const word = heard(it);
    const isOver = new Promise((resolve) => setTimeout(resolve, PROOF + 1_000, 'over'));
    assert.equal(await Promise.race([word, isOver]), 'over');
    await it.tab.freeze(false);
    await it.tab.close();
    assert.deepEqual(await word, ['pagehide 1', 'pagehide 2']);
  });
}
