/** Stashed ports, and those that are not, when their worker is stopped. */
import {assert, facts, fault, note, service as serviceOf, stopServiceWorkers, test} from '../harness.js';
import {askOn, nextOn} from './native-helpers.js';
import {
  FEW,
  STOPS,
  converse,
  endsWithWorker,
  given,
  leavesSleeping,
  stashingClient,
  stashingService,
} from './stash-helpers.js';

/** Only Chromium stops one when asked to; survival/stash.test.js has Firefox stop some by itself. */
const fails = {firefox: 'its driver stops no worker', webkit: 'its driver stops no worker'};

/** What stops of the worker make of messages that come and go all the time. */
async function underLoad(port) {
  const count = 2_000;
  const instances = new Set();
  const seen = new Set();
  let doubled = 0;
  let highest = -1;
  const all = new Promise((resolve, reject) => {
    port.onmessage = ({data: {data, instance}}) => {
      instances.add(instance);
      if (seen.has(data)) doubled++;
      else if (data < highest) reject(new Error(`${data} came after ${highest}`));
      seen.add(data);
      highest = Math.max(highest, data);
      if (seen.size === count) resolve();
    };
  });
  let stops = 0;
  const stopping = (async () => {
    for (; stops < STOPS; stops++) {
      await new Promise((resolve) => setTimeout(resolve, 100 + 300 * Math.random()));
      await stopServiceWorkers();
    }
  })();
  for (let i = 0; i < count; i++) {
    port.postMessage(i);
    if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 8));
  }
  await all;
  await stopping;
  await note(`${doubled} came twice in ${stops} stops, ${instances.size} starts answered`);
  assert.isAbove(instances.size, 3);
}

for (const [answer, count] of Object.entries({accepted: STOPS, 'before accepting': FEW})) {
  test(
    `a stashed port (${answer}) survives ${count} stops, with messages in both directions, none lost`,
    async () => {
      const service = await stashingService();
      const name = service.name();
      const port = await service.connect(answer, name);
      for (let i = answer === 'accepted' ? 1 : 3; i > 0; i--) await nextOn(port);
      const instances = new Set();
      await converse(port, service, name, instances, stopServiceWorkers, count);
      assert.isAtLeast(instances.size, count);
      assert.equal(await service.order('count', {name}), 1);
      port.close();
      service.close();
    },
    {seconds: 150, fails},
  );
}

test(
  'nothing is lost when the worker is stopped at random in the middle of messages',
  async () => {
    const service = await stashingService();
    const port = await service.connect('accepted', service.name());
    await nextOn(port);
    await underLoad(port);
    port.close();
    service.close();
  },
  {seconds: 150, fails},
);

test(
  'stashed, and accepted a while later, it survives a stop',
  async () => {
    const service = await stashingService();
    const name = service.name();
    const port = await service.connect('after a while', name);
    assert.equal((await nextOn(port)).data, 'early');
    const first = await service.order('instance');
    await stopServiceWorkers();
    const {data, instance} = await askOn(port, 'hello');
    assert.equal(data, 'hello');
    assert.notEqual(instance, first);
    assert.equal(await service.order('count', {name}), 1);
    port.close();
    service.close();
  },
  {fails},
);

test(
  'posted while the worker is stopped: they wake it, and come in order',
  async () => {
    const service = await stashingService();
    const name = service.name();
    const port = await service.connect('later', name);
    port.postMessage('stash');
    assert.deepEqual([(await nextOn(port)).data, (await nextOn(port)).data], ['before', 'after']);
    const first = await service.order('instance');
    await stopServiceWorkers();
    for (let i = 0; i < 50; i++) port.postMessage(i);
    for (let i = 0; i < 50; i++) {
      const {data, instance} = (await nextOn(port)).data;
      assert.equal(data, i);
      assert.notEqual(instance, first);
    }
    port.close();
    service.close();
  },
  {seconds: 30, fails},
);

test('a connection accepted with a plain port closes when the worker stops', () => endsWithWorker(stopServiceWorkers), {
  seconds: 30,
  fails,
});

test(
  'a stashed port whose client has gone while the worker slept is stashed no more',
  () => leavesSleeping(stopServiceWorkers),
  {seconds: 30, fails},
);

test(
  'a connection that a service worker made and did not stash closes when it stops',
  async () => {
    const service = await stashingService();
    const name = service.name();
    const client = await stashingClient();
    const heard = new Promise((resolve) => (new BroadcastChannel(name).onmessage = resolve));
    await client.order('plain', {url: `${service.scope}?answer=accepted&name=${encodeURIComponent(name)}`, name});
    assert.equal((await heard).data, 'You are connected!');
    assert.equal(await service.order('count', {name}), 1);
    await stopServiceWorkers();
    while ((await service.order('count', {name})) > 0);
    service.close();
    client.remove();
  },
  {seconds: 30, fails},
);

for (const [when, count] of Object.entries({installed: FEW, active: STOPS})) {
  const make = async () => {
    const service = await stashingService();
    const name = service.name();
    const connect = `${service.scope}?answer=accepted&name=${encodeURIComponent(name)}`;
    const early = when === 'installed';
    const heard = new Promise((resolve) => (new BroadcastChannel(name).onmessage = resolve));
    const client = await stashingClient(early ? {connect, name} : {});
    if (!early) await client.order('connect', {url: connect, name});
    assert.equal((await heard).data, 'You are connected!');
    const port = client.portTo(name);
    const end = async () => {
      await service.order('close', {name});
      service.close();
      client.remove();
    };
    return {client, name, port, service, end};
  };

  test(`a service worker that is ${when} connects and stashes the port`, async () => {
    const {client, name, port, end} = await make();
    assert.equal((await askOn(port, 'hello')).data, 'hello');
    // As long as the service has not closed, nobody has.
    assert.equal(await client.order('post', {name, message: 1}), 1);
    await nextOn(port);
    await end();
    while ((await client.order('post', {name, message: 2})) > 0);
  });

  test(`stashed by a worker that is ${when}, it survives an update`, async () => {
    const {client, name, port, end} = await make();
    const before = await client.order('instance');
    await client.update();
    assert.notEqual(await client.order('instance'), before);
    for (let i = 0; i < 50; i++) port.postMessage(i);
    for (let i = 0; i < 50; i++) assert.equal((await nextOn(port)).data.data, i);
    assert.equal(await client.order('post', {name, message: 1}), 1);
    await end();
  });

  test(
    `stashed by a worker that is ${when}, it survives ${count} stops of both workers, with messages in both directions`,
    async () => {
      const {name, port, service, end} = await make();
      await converse(port, service, name, new Set(), stopServiceWorkers, count);
      await end();
    },
    {seconds: 90, fails},
  );
}

const sent = async (service, name) => {
  const {port1, port2} = new MessageChannel();
  await service.order('stash this port', {name}, [port2]);
  return port1;
};

test('a port that a client sent, of whatever origin, is stashed like any other', async () => {
  const service = await stashingService();
  const name = service.name();
  const port = await sent(service, name);
  assert.equal((await askOn(port, 'hello')).data, 'hello');
  // Whoever sent it, and may have passed it on: nobody is vouched for.
  assert.equal((await askOn(port, 'what is your event like')).origin, '');
  assert.equal(await service.order('count', {name}), 1);
  service.close();
});

test(
  `it survives ${FEW} stops, with messages in both directions, none lost`,
  async () => {
    const service = await stashingService();
    const name = service.name();
    await converse(await sent(service, name), service, name, new Set(), stopServiceWorkers, FEW);
    service.close();
  },
  {seconds: 90, fails},
);

if (facts.client === 'same-origin') {
  test('a port that a page posted to its worker is stashed like any other', async () => {
    const service = await stashingService();
    const name = service.name();
    const port = await given(service, name);
    for (let i = 0; i < 100; i++) port.postMessage(i);
    for (let i = 0; i < 100; i++) assert.equal((await nextOn(port)).data.data, i);
    assert.equal(await service.order('count', {name}), 1);
    await service.order('tell', {name, message: 'told'});
    assert.equal((await nextOn(port)).data, 'told');
    service.close();
  });

  test(
    'in custody, too, nothing is lost when the worker is stopped at random in the middle of messages',
    async () => {
      const service = await stashingService();
      await underLoad(await given(service, service.name()));
      service.close();
    },
    {seconds: 150, fails},
  );

  test(
    `it is held in custody: it survives ${STOPS} stops, with messages in both directions, none lost`,
    async () => {
      const service = await stashingService();
      const name = service.name();
      const port = await given(service, name);
      const instances = new Set();
      await converse(port, service, name, instances, stopServiceWorkers);
      assert.isAbove(instances.size, STOPS - 1);
      service.close();
    },
    {seconds: 90, fails},
  );

  test(
    'where the registry is broken it works as long as its worker, whose console says so',
    async () => {
      await fault(`${serviceOf.origin}/.well-known/navigator-connect/registry.wasm`, {status: 404});
      const service = await stashingService();
      const port = await given(service, service.name());
      assert.equal((await askOn(port, 'hello')).data, 'hello');
      const warnings = await service.order('warnings');
      assert.isTrue(
        warnings.some((text) => text.includes('ends with this start')),
        warnings.join(),
      );
      service.close();
    },
    {fresh: true},
  );
}
