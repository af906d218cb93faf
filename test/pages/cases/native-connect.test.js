/** navigator.connect, and the connect event at the service worker's global. */
import {assert, installed, origins, service, take, test} from '../harness.js';
import {ask, next, rejects, services} from './connect-helpers.js';
import {askOn, greeted, nativeAt, nextOn} from './native-helpers.js';

test('it resolves with a native MessagePort, every time a new one', async () => {
  const url = await nativeAt('port');
  const ports = await Promise.all([navigator.connect(url), navigator.connect(url)]);
  for (const port of ports) {
    assert.instanceOf(port, MessagePort);
    assert.equal(Object.getPrototypeOf(port), MessagePort.prototype);
    assert.equal(`${port}`, '[object MessagePort]');
    // Natively: the browser takes it for one.
    assert.instanceOf(structuredClone(port, {transfer: [port]}), MessagePort);
  }
  assert.notEqual(ports[0], ports[1]);
});

test('messages go both ways; what came before a listener waits for it', async () => {
  const port = await navigator.connect(await nativeAt('port'));
  assert.equal((await nextOn(port)).data, 'You are connected!');
  const message = {text: 'hello', list: [1, 2n], when: new Date(0), map: new Map([[1, new Set([2])]])};
  assert.deepEqual(await askOn(port, message), message);
  port.close();
});

test('an added listener needs start(), as on any port', async () => {
  const port = await navigator.connect(await nativeAt('port'));
  const heard = [];
  port.addEventListener('message', ({data}) => heard.push(data));
  port.postMessage(1);
  const other = await greeted();
  await askOn(other, 'a round trip');
  assert.deepEqual(heard, []);
  const second = new Promise((resolve) => port.addEventListener('message', () => heard.length === 2 && resolve()));
  port.start();
  await second;
  assert.deepEqual(heard, ['You are connected!', 1]);
  port.close();
  other.close();
});

test('its port is in no map of navigator.services, and fires nothing there', async () => {
  const before = await services.matchAll();
  const noted = [];
  const note = ({type}) => noted.push(type);
  for (const type of ['message', 'close']) services.addEventListener(type, note);
  const port = await greeted();
  assert.deepEqual(await services.matchAll(), before);
  assert.equal(await askOn(port, 'hello'), 'hello');
  assert.deepEqual(noted, []);
  for (const type of ['message', 'close']) services.removeEventListener(type, note);
  port.close();
});

test('without an argument, with a URL that does not parse, on another receiver: TypeError', async () => {
  await rejects(navigator.connect(), TypeError);
  await rejects(navigator.connect('http://['), TypeError);
  await rejects(navigator.connect(Symbol()), TypeError);
  await rejects(navigator.connect.call({}, 'x'), TypeError);
  await rejects(navigator.connect.call(null, 'x'), TypeError);
  assert.equal(navigator.connect.length, 1);
  assert.equal(navigator.connect.name, 'connect');
});

test('where nothing is registered, or nothing is hosted, AbortError', async () => {
  await rejects(navigator.connect(`${service.origin}/nothing/here/`), 'AbortError');
  await rejects(navigator.connect(`${origins.bare}/`), 'AbortError');
  await rejects(navigator.connect('data:text/plain,x'), 'AbortError');
});

for (const answer of [
  ...[
    'nothing',
    'late',
    'rejection',
    'text',
    'null',
    'undefined',
    'buffer',
    'object',
    'transferred port',
    'closed port',
    'throws',
  ],
]) {
  test(`a service that accepts with ${answer} is refused with AbortError`, async () => {
    await rejects(navigator.connect(await nativeAt(answer)), 'AbortError');
  });
}

for (const answer of ['promise', 'thenable']) {
  test(`a ${answer} of a port is accepted`, async () => {
    const port = await navigator.connect(await nativeAt(answer));
    assert.equal(await askOn(port, 'hello'), 'hello');
    port.close();
  });
}

test('the event is a ConnectEvent that counts once, and during dispatch', async () => {
  const url = await nativeAt('port');
  const port = await navigator.connect(url);
  await nextOn(port);
  assert.deepEqual(await askOn(port, {please: 'what was the event like'}), {
    tag: '[object ConnectEvent]',
    extendable: true,
    isConnectEvent: true,
    targetURL: url,
    targetUrl: url,
    origin: location.origin,
    onSelf: true,
    waitUntil: 'nothing',
    second: 'InvalidStateError',
    withoutArgument: 'TypeError',
    neutered: 'DataCloneError',
    late: 'InvalidStateError',
  });
  port.close();
});

test("draft A's connect event comes first", async () => {
  const port = await navigator.connect(await nativeAt('draft A'));
  assert.deepEqual(await askOn(port, 'hello'), {by: 'A', data: 'hello'});
  port.close();
});

test("draft A's client talks to a service of draft B", async () => {
  const greeting = next('message', ({data}) => data === 'You are connected!');
  const port = await services.connect(await nativeAt('port'));
  assert.equal((await greeting).source, port);
  assert.equal(await ask(port, 'hello'), 'hello');
  port.close();
});

test("draft B's client talks to a service of draft A", async () => {
  const port = await navigator.connect(await installed('echo-service'));
  assert.equal(await askOn(port, 'hello'), 'hello');
  port.close();
});

test('when the service closes its port, the client hears what was posted before, then close', async () => {
  const heard = [];
  const closed = new Promise((resolve) => {
    const url = nativeAt('closes');
    url.then((url) => {
      services.addEventListener('message', ({source, data}) => source.targetURL === url && heard.push(data));
      services.addEventListener('close', ({source}) => source.targetURL === url && resolve());
      return services.connect(url);
    });
  });
  await closed;
  assert.deepEqual(heard, ['last words']);
});

test('a port that the service has closed at once is a connection that is closed', async () => {
  const url = await nativeAt('closes at once');
  const closed = next('close', ({source}) => source.targetURL === url);
  await services.connect(url);
  await closed;
});

test('closing the port closes the connection, after what was posted before', async () => {
  const channel = crypto.randomUUID();
  const port = await navigator.connect(`${await nativeAt('draft A')}&channel=${channel}`);
  port.postMessage('last words');
  port.close();
  port.close();
  assert.deepEqual((await take(channel)).slice(-2), ['last words', 'close']);
});

/** A worker of this origin, and what it answers. */
const workers = {
  worker: () => new Worker('/native-worker.js'),
  'shared worker': () => new SharedWorker(`/native-worker.js?${crypto.randomUUID()}`).port,
};
for (const [kind, make] of Object.entries(workers)) {
  const tell = (worker, message) => {
    const {port1, port2} = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = ({data}) => resolve(data)));
    worker.postMessage(message, [port2]);
    worker.start?.();
    return answer;
  };
  test(`a ${kind} connects`, async () => {
    const worker = make();
    const answer = await tell(worker, {connect: await nativeAt('promise'), say: 'hello'});
    assert.deepEqual(answer, {heard: 'hello'});
    worker.terminate?.();
  });
  test(`a ${kind} connects and transfers the port to its page`, async () => {
    const worker = make();
    const {port, error} = await tell(worker, {connect: await nativeAt('port')});
    assert.isUndefined(error);
    assert.equal((await nextOn(port)).data, 'You are connected!');
    assert.equal(await askOn(port, 'hello'), 'hello');
    worker.terminate?.();
  });
  test(`a ${kind} is refused with AbortError`, async () => {
    const worker = make();
    assert.deepEqual(await tell(worker, {connect: await nativeAt('nothing')}), {error: 'AbortError'});
    worker.terminate?.();
  });
}
