/** What a client of any kind of global must be able to do, wherever the engine lets it run. */
import {assert, installed, installedAt, service, test} from '../harness.js';
import {ask, nextFrom, rejects, services} from '../cases/connect-helpers.js';

test('a connection echoes, and both sides can close it', async () => {
  const scope = await installed('answering-service');
  const mine = await services.connect(`${scope}?answer=accept`);
  assert.equal(await ask(mine, 'hello'), 'hello');
  const {port1, port2} = new MessageChannel();
  const answer = nextFrom(mine);
  mine.postMessage('a port', [port2]);
  const heard = new Promise((resolve) => (port1.onmessage = resolve));
  (await answer).ports[0].postMessage('through it');
  assert.equal((await heard).data, 'through it');
  port1.close();
  const closed = nextFrom(mine, 'close');
  mine.postMessage({please: 'close'});
  await closed;
  assert.notInclude(await services.matchAll(), mine);

  const reporter = await services.connect(`${scope}?answer=accept&name=reports`);
  const theirs = await services.connect(`${scope}?answer=accept&basics`);
  const report = new Promise((resolve) =>
    services.addEventListener('message', ({source, data}) => {
      if (source === reporter && data.closed === theirs.targetURL) resolve();
    }),
  );
  theirs.close();
  await report;
  reporter.close();
});

test('a refusal and an absence reject with AbortError', async () => {
  const scope = await installed('answering-service');
  const refused = rejects(services.connect(`${scope}?answer=refuse`), 'AbortError');
  const absent = rejects(services.connect(`${service.origin}/nothing/here/`), 'AbortError');
  assert.equal((await refused).message, (await absent).message);
});

test('a URL is resolved against the URL of the document or script', async () => {
  const scope = await installedAt(location.origin, 'answering-service');
  const relative = '../services/answering-service/?answer=accept&q= #f';
  const port = await services.connect(relative);
  assert.equal(port.targetURL, `${scope}?answer=accept&q=%20#f`);
  assert.equal(await services.match({targetURL: relative}), port);
  assert.equal(await ask(port, 'of this origin'), 'of this origin');
  port.close();
});
