/** Many messages, and more than one port. */
import {assert, installed, test} from '../harness.js';
import {nextFrom, services} from './connect-helpers.js';

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

test('whoever awaits one message after the other misses none of a burst', async () => {
  const port = await services.connect(`${await installed('answering-service')}?answer=accept`);
  const count = 500;
  port.postMessage({please: 'what do you hear, one after the other', count});
  for (const i of numbers(count)) port.postMessage(i);
  const heard = [];
  while (heard.length < count) heard.push((await nextFrom(port)).data);
  assert.deepEqual(heard, numbers(count));
  assert.deepEqual((await nextFrom(port)).data, {heard: numbers(count)});
  port.close();
});

/** A message of each kind, which tells its number. */
const kinds = [
  (i) => ({message: i, read: (data) => data}),
  (i) => ({message: {list: [{i}]}, read: (data) => data.list[0].i}),
  (i) => ({message: new Map([[i, 'special']]), read: (data) => [...data.keys()][0]}),
  (i) => ({message: 'x'.repeat(4_000) + i, read: (data) => Number(data.slice(4_000))}),
  (i) => ({message: Float64Array.of(i), read: (data) => data[0]}),
  (i) => {
    const message = Uint16Array.of(i);
    return {message, transfer: [message.buffer], read: (data) => data[0]};
  },
  (i) => {
    const {port1, port2} = new MessageChannel();
    return {message: {i, port: port1}, transfer: [port1, port2], read: (data) => data.i};
  },
];

test('a burst of everything that can be sent keeps its order', async () => {
  const port = await services.connect(`${await installed('answering-service')}?answer=accept`);
  // Runs of one kind, of every length, and the kinds in every order.
  const order = numbers(600).map((i) => kinds[Math.floor((i * i) / 23) % kinds.length]);
  const all = collect([port], order.length);
  const reads = order.map((kind, i) => {
    const {message, transfer, read} = kind(i);
    port.postMessage(message, transfer);
    for (const item of transfer ?? []) assert.notEqual(item.byteLength, 2, 'a buffer that was transferred is detached');
    return read;
  });
  const [heard] = await all;
  assert.deepEqual(
    heard.map((data, i) => reads[i](data)),
    numbers(order.length),
  );
  port.close();
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
