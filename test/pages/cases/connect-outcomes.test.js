/** The rows of connect(url, options). */
import {assert, origins, service as under, test} from '../harness.js';
import {answeringService, ask, rejects, services} from './connect-helpers.js';

/** Why a case fails in workers. */
const noDocument = 'a worker has no document';
const needsDocument = {worker: noDocument, sharedworker: noDocument, serviceworker: noDocument};

test('a URL that does not parse rejects with TypeError', () => rejects(services.connect('http://['), TypeError));

test('a URL is converted to a string, and a Symbol rejects', async () => {
  await rejects(services.connect(Symbol()), TypeError);
  const thrown = new RangeError('from toString');
  const url = {
    toString() {
      throw thrown;
    },
  };
  assert.equal(await rejects(services.connect(url), RangeError), thrown);
});

test('a URL that is not http can not be connected to', () =>
  rejects(services.connect('data:text/plain,service'), 'AbortError'));

test('data that can not be cloned rejects with DataCloneError', () =>
  rejects(services.connect(origins.own, {data: () => {}}), 'DataCloneError'));

test('a getter of data that throws while it is cloned rejects with what it threw', async () => {
  const thrown = new RangeError('from the getter');
  const data = {
    get broken() {
      throw thrown;
    },
  };
  assert.equal(await rejects(services.connect(origins.own, {data}), RangeError), thrown);
});

test('a signal that is aborted rejects with its reason', async () => {
  const reason = {any: 'value'};
  const promise = services.connect(origins.own, {signal: AbortSignal.abort(reason)});
  assert.equal(await promise.catch((error) => error), reason);
});

test(
  'a signal of another frame is a signal',
  async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const signal = frame.contentWindow.AbortSignal.abort('elsewhere');
    assert.equal(await services.connect(origins.own, {signal}).catch((error) => error), 'elsewhere');
    frame.remove();
  },
  {fails: needsDocument},
);

test(`nothing is registered: AbortError`, () =>
  rejects(services.connect(`${under.origin}/nothing/here/`), 'AbortError'));

const refusals = {
  AbortError: ['refuse', 'no-accept', 'falsy', 'undefined', 'null', 'reject'],
  RangeError: ['throwing-getter'],
  TypeError: ['string', 'number', 'symbol', 'symbol-name', 'without-argument'],
  DataCloneError: ['unclonable'],
  InvalidStateError: ['late'],
};
// Refusals are released on one-second ticks: all attempts at once, then a test for each.
let attempts;
const attemptAll = async () => {
  const service = await answeringService();
  const all = Object.values(refusals)
    .flat()
    .map(async (answer) => {
      const url = service.at(answer);
      const report = service.reportOn(url);
      const error = await rejects(services.connect(url), 'AbortError');
      return [answer, {error, outcomes: (await report).outcomes}];
    });
  const results = new Map(await Promise.all(all));
  service.close();
  return results;
};
for (const [atService, answers] of Object.entries(refusals)) {
  for (const answer of answers) {
    test(`respondWith: ${answer}: AbortError at the client, ${atService} at the service`, async () => {
      attempts ??= attemptAll();
      const {error, outcomes} = (await attempts).get(answer);
      assert.notInclude(`${error.message}${error.stack}`, 'secret');
      const isDOMException = atService !== 'TypeError' && atService !== 'RangeError';
      assert.deepEqual(outcomes, [{rejected: atService, isDOMException}]);
    });
  }
}

for (const answer of ['nobody', 'throw']) {
  test(`${answer} answers: AbortError`, async () => {
    const service = await answeringService();
    await rejects(services.connect(service.at(answer)), 'AbortError');
    service.close();
  });
}

for (const answer of ['accept', 'truthy', 'promise', 'thenable', 'function', 'by-second-listener']) {
  test(`respondWith: ${answer}: connected`, async () => {
    const service = await answeringService();
    const port = await services.connect(service.at(answer));
    assert.instanceOf(port, ServicePort);
    assert.equal(await ask(port, 'hello'), 'hello');
    port.close();
    service.close();
  });
}

test('respondWith stops immediate propagation, and nothing else does', async () => {
  const service = await answeringService();
  for (const [answer, expected] of [
    ['accept', 'facts'],
    ['by-second-listener', 'secondListener'],
  ]) {
    const url = service.at(answer);
    // The second listener reports before the first has the outcome.
    const first = service.report(({facts, secondListener}) => facts?.targetURL === url || secondListener === url);
    (await services.connect(url)).close();
    assert.property(await first, expected);
  }
  service.close();
});

test('the promise of respondWith settles before the client hears', async () => {
  const service = await answeringService();
  for (const [more, expected] of [
    ['&accept', ['settled', 'hello', 'answered']],
    ['', ['settled', 'answered']],
  ]) {
    const url = service.at('in-order', more);
    const report = service.report(({ordered}) => ordered === url);
    const end = new AbortController();
    // Of the own origin it may be refused before the report comes.
    const outcome = services.connect(url, {signal: end.signal}).then(
      (port) => port.close(),
      ({name}) => name,
    );
    // On a busy machine another connection may say hello meanwhile.
    assert.deepEqual([...new Set((await report).order)], expected);
    // A refusal is told on the next tick; the order is known by now.
    end.abort();
    assert.include([undefined, 'AbortError'], await outcome);
  }
  service.close();
});

test(`an attempt that is aborted rejects with the reason, and an answer that comes later is undone`, async () => {
  const service = await answeringService();
  const url = service.at('when-told');
  const heard = service.report(({heard}) => heard === url);
  const end = new AbortController();
  const attempt = services.connect(url, {signal: end.signal});
  await heard;
  const reason = new RangeError('changed my mind');
  end.abort(reason);
  assert.equal(await attempt.catch((error) => error), reason);
  const closed = service.report(({closed}) => closed === url);
  service.tell({please: 'accept', url});
  await closed;
  service.close();
});

test(`the event tells the URL and the client's origin`, async () => {
  const service = await answeringService();
  const url = service.at('accept', '&more=%C3%A4#fragment');
  const report = service.reportOn(url);
  const port = await services.connect(url);
  assert.deepInclude((await report).facts, {
    targetURL: url,
    origin: location.origin,
    bubbles: false,
    cancelable: false,
    isExtendable: true,
    tag: '[object ServicePortConnectEvent]',
    target: true,
  });
  assert.equal(port.targetURL, url);
  port.close();
  service.close();
});

test(`a second respondWith rejects with InvalidStateError, and the first stands`, async () => {
  const service = await answeringService();
  const url = service.at('twice');
  const report = service.reportOn(url);
  const port = await services.connect(url);
  assert.deepEqual((await report).outcomes, [{resolved: true}, {rejected: 'InvalidStateError', isDOMException: true}]);
  port.close();
  service.close();
});

test(`name and data stay with each side, and survive close`, async () => {
  const service = await answeringService();
  const url = service.at('accept', '&name=its%20name&data=its%20data');
  const data = {key: [1, new Date(0)]};
  const attempt = services.connect(url, {name: 'my name', data});
  data.key = 'changed after the call';
  const port = await attempt;
  const {found, ...facts} = await ask(port, {please: 'what is your port like'});
  assert.deepEqual(facts, {targetURL: url, name: 'its name', data: 'its data'});
  assert.isTrue(found);
  const closed = service.report(({closed}) => closed === url);
  port.close();
  assert.deepEqual(await closed, {
    closed: url,
    name: 'its name',
    data: 'its data',
    tag: '[object ExtendableServicePortCloseEvent]',
    listed: false,
  });
  assert.deepEqual([port.targetURL, port.name, port.data], [url, 'my name', {key: [1, new Date(0)]}]);
  assert.equal(port.data, port.data);
  service.close();
});

test(`every connection has a new port, by default without name and data`, async () => {
  const service = await answeringService();
  const url = service.at('accept');
  const [one, other] = await Promise.all([
    services.connect(url),
    services.connect(url, {name: undefined, data: undefined}),
  ]);
  assert.notEqual(one, other);
  for (const port of [one, other]) {
    assert.strictEqual(port.name, '');
    assert.strictEqual(port.data, null);
  }
  const none = await ask(one, {please: 'what is your port like'});
  assert.deepInclude(none, {name: '', data: null});
  one.close();
  other.close();
  service.close();
});

test(
  'a URL is resolved against the base URL',
  async () => {
    const base = document.createElement('base');
    const service = await answeringService();
    base.href = service.scope;
    document.head.append(base);
    try {
      const port = await services.connect('below/../?answer=accept&q= #f');
      assert.equal(port.targetURL, `${service.scope}?answer=accept&q=%20#f`);
      port.close();
    } finally {
      base.remove();
      service.close();
    }
  },
  {fails: needsDocument},
);

test('respondWith on an event that a script made rejects with NotSupportedError', async () => {
  const service = await answeringService();
  const port = await services.connect(service.at('accept'));
  assert.deepEqual(await ask(port, {please: 'script-made event'}), {
    outcomes: [{rejected: 'NotSupportedError', isDOMException: true}],
    targetURL: 'x',
    origin: 'y',
  });
  port.close();
  service.close();
});

test('an origin that does not host the polyfill rejects with AbortError', () =>
  rejects(services.connect(`${origins.bare}/services/answering-service/`), 'AbortError'));
