/** Many messages, and more than one port. */
import {assert, installed, test} from '../harness.js';
import {services} from './connect-helpers.js';

/** What comes from each port, as soon as all have had `count` messages. */
function collect(ports, count) {
  const heard = new Map(ports.map((port) => [port, []]));
  return new Promise((resolve) => {
    services.addEventListener('message', function listener({source, data}) {
      heard.get(source)?.push(data);
      if ([...heard.values()].some(({length}) => length < count)) return;
      services.removeEventListener('message', listener);
      resolve(ports.map((port) => heard.get(port)));
    });
  });
}

const numbers = (count) => Array.from({length: count}, (_, i) => i);

test('2,000 messages come back in order', async () => {
  const port = await services.connect(await installed('echo-service'));
  const all = collect([port], 2_000);
  for (const i of numbers(2_000)) port.postMessage(i);
  assert.deepEqual(await all, [numbers(2_000)]);
});

test('two ports to one service are apart', async () => {
  const scope = await installed('echo-service');
  const ports = await Promise.all([services.connect(scope), services.connect(scope)]);
  const all = collect(ports, 100);
  for (const i of numbers(100)) ports.forEach((port, which) => port.postMessage([which, i]));
  assert.deepEqual(
    await all,
    [0, 1].map((which) => numbers(100).map((i) => [which, i])),
  );
  // One closes, and the other goes on.
  ports[0].close();
  const [[answer]] = await Promise.all([collect([ports[1]], 1), ports[1].postMessage('still here')]);
  assert.deepEqual(answer, ['still here']);
});

test('ports to two services are apart', async () => {
  const scopes = await Promise.all(['echo-service', 'answering-service'].map(installed));
  const ports = [await services.connect(scopes[0]), await services.connect(`${scopes[1]}?answer=accept`)];
  const all = collect(ports, 100);
  for (const i of numbers(100)) ports.forEach((port, which) => port.postMessage([which, i]));
  assert.deepEqual(
    await all,
    [0, 1].map((which) => numbers(100).map((i) => [which, i])),
  );
});
