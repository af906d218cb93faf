/** What a native port can do is not lost on the way. */
import {wrap} from '/node_modules/comlink/dist/esm/comlink.mjs';
import {assert, installed, test} from '../harness.js';
import {askOn, greeted, nativeAt, nextOn} from './native-helpers.js';

test('messages come in order, some of them with transferables', async () => {
  const port = await greeted();
  const count = 500;
  const got = [];
  for (let i = 0; i < count; i++) {
    if (i % 7 === 0) port.postMessage(i, [new MessageChannel().port1]);
    else port.postMessage(i);
  }
  while (got.length < count) got.push((await nextOn(port)).data);
  assert.deepEqual(
    got,
    Array.from({length: count}, (_, i) => i),
  );
  port.close();
});

test('a MessagePort goes there and back', async () => {
  const port = await greeted();
  const {port1, port2} = new MessageChannel();
  const answer = nextOn(port);
  port.postMessage('take this', [port2]);
  const {data, ports} = await answer;
  assert.equal(data, 'take this');
  assert.lengthOf(ports, 1);
  assert.equal(await Promise.race([askOn(port1, 1), nextOn(ports[0]).then(({data}) => `came ${data}`)]), 'came 1');
  port.close();
});

test('a MessagePort inside a message arrives inside it', async () => {
  const port = await greeted();
  const {port1, port2} = new MessageChannel();
  const {inside} = await askOn(port, {inside: port2}, [port2]).then((data) => data);
  const heard = nextOn(inside);
  port1.postMessage('through it');
  assert.equal((await heard).data, 'through it');
  port.close();
});

test('a buffer is transferred, and comes back', async () => {
  const port = await greeted();
  const bytes = Uint8Array.of(1, 2, 3);
  const answer = await askOn(port, bytes, [bytes.buffer]);
  assert.equal(bytes.length, 0);
  assert.deepEqual([...answer], [1, 2, 3]);
  port.close();
});

test('an ImageBitmap arrives where a bare port would deliver it', async () => {
  const port = await greeted();
  const {port1: bare, port2} = new MessageChannel();
  await askOn(port, {please: 'serve this port'}, [port2]);
  const outcomes = [];
  for (const there of [bare, port]) {
    const what = await createImageBitmap(new ImageData(2, 3));
    outcomes.push(await askOn(there, {please: 'name the kind', what}, [what]));
  }
  // Where it would not, a copy does.
  assert.include([outcomes[0], '[object ImageBitmap]'], outcomes[1]);
  port.close();
});

/** Whether this engine can transfer a stream to a service worker and from it. */
const canTransferStreams = (() => {
  try {
    const stream = new ReadableStream();
    structuredClone(stream, {transfer: [stream]});
    return true;
  } catch {
    return false;
  }
})();

test('a stream goes to the service, and another comes from it', async () => {
  const port = await greeted();
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue('through the stream');
      controller.close();
    },
  });
  if (!canTransferStreams) {
    assert.throws(() => port.postMessage(stream, [stream]), DOMException);
    return;
  }
  const there = await askOn(port, {please: 'read the stream', what: stream}, [stream]);
  assert.equal(there, 'through the stream');
  const back = await askOn(port, {please: 'send a stream'});
  assert.equal((await back.getReader().read()).value, 'from the stream');
  port.close();
});

test('what a port refuses, this one refuses', async () => {
  const port = await greeted();
  assert.throws(() => port.postMessage(), TypeError);
  assert.throws(() => port.postMessage(() => {}), DOMException);
  assert.throws(() => port.postMessage(port, [port]), DOMException);
  assert.equal(await askOn(port, 'still works'), 'still works');
  port.close();
});

test('a port is transferred to a frame while messages are in flight, and none is lost', async () => {
  const port = await greeted();
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const got = [];
  const count = 300;
  const all = new Promise((resolve) => {
    frame.contentWindow.onmessage = ({ports: [moved]}) => {
      moved.onmessage = ({data}) => got.push(data) === count && resolve();
      for (let i = 200; i < count; i++) moved.postMessage(i);
    };
  });
  port.onmessage = ({data}) => got.push(data);
  for (let i = 0; i < 100; i++) port.postMessage(i);
  await new Promise((resolve) => setTimeout(resolve, 1));
  port.onmessage = null;
  for (let i = 100; i < 200; i++) port.postMessage(i);
  frame.contentWindow.postMessage('here', location.origin, [port]);
  await all;
  assert.deepEqual(
    got,
    Array.from({length: count}, (_, i) => i),
  );
  frame.remove();
});

test('a large message arrives whole', async () => {
  const port = await greeted();
  const bytes = new Uint8Array(4 << 20).map((_, i) => i * 31);
  assert.deepEqual(
    await crypto.subtle.digest('SHA-256', await askOn(port, bytes)),
    await crypto.subtle.digest('SHA-256', bytes),
  );
  port.close();
});

test('comlink takes the port', async () => {
  const port = await navigator.connect(await installed('comlink-service'));
  const remote = wrap(port);
  assert.equal(await remote.add(40, 2), 42);
  assert.equal(await remote.counter, 0);
  await remote.increment();
  assert.equal(await remote.counter, 1);
  const error = await remote.fail().catch((error) => error);
  assert.equal(error.name, 'RangeError');
  port.close();
});
