/** What a worker that was stopped knows of its ports when it starts, with no message yet. */
import {
  ask,
  assert,
  embed,
  installed,
  loader,
  note,
  openTab,
  origins,
  post,
  service,
  stopServiceWorkers,
  take,
  test,
} from '../harness.js';

const scope = await installed('reporting-service');
let number = 0;

/** A client in a tab of its own. */
async function open() {
  const channel = `restored ${number++}`;
  const target = `${scope}?${new URLSearchParams({channel})}`;
  const query = new URLSearchParams({channel, service: target, loader});
  const tab = await openTab(`${origins.own}/client.html?${query}`);
  assert.equal(await take(channel), 'connected');
  return {channel, target, tab};
}

/** How the service is started, each with what its first event's handler found. */
const starts = {
  'a fetch event': async () => {
    const channel = `list ${number++}`;
    const tab = await openTab(`${scope}page?list=${encodeURIComponent(channel)}`);
    const list = await take(channel);
    await tab.close();
    return list;
  },
  'a push event': async () => {
    const channel = `list ${number++}`;
    await ask('push', {url: service.origin, text: channel});
    return take(channel);
  },
};

/** Asserts that a client's channel got these, and nothing else up to now. */
async function told(channel, ...closed) {
  for (const target of closed) assert.equal((await take(channel)).closed, target);
  await post(channel, 'nothing more');
  assert.equal(await take(channel), 'nothing more');
}

/** The same of one whose service may have been stopped as it heard of it: the next start hears of it again. */
async function toldInTheEnd({channel, target}) {
  assert.equal((await take(channel)).closed, target);
  await post(channel, 'nothing more');
  for (let told; (told = await take(channel)) !== 'nothing more';) assert.equal(told.closed, target);
}

for (const [how, start] of Object.entries(starts)) {
  test(`${how}, with a client that lives and one that left meanwhile`, async () => {
    const here = await open();
    const frame = await embed(service.origin);
    const older = await frame.ask('locks');
    const gone = await open();
    // All but the one that the next registry takes over.
    const locks = (await frame.ask('locks')).filter((lock) => !older.includes(lock) && !lock.endsWith('/registry'));
    const before = await start();
    assert.includeMembers(before.ports, [here.target, gone.target]);
    await stopServiceWorkers();
    await Promise.all([gone.tab.crash(), ask('end-shared-workers')]);
    // Those of the client's bridge among them: a death is one when the browser has told it.
    await Promise.all(locks.map((lock) => frame.ask('free', {lock})));
    // One that something on its way has started meanwhile took the client up while it lived, or hears of its end.
    await stopServiceWorkers();
    const {ports, instance} = await start();
    assert.notEqual(instance, before.instance);
    assert.include(ports, here.target);
    assert.notInclude(ports, gone.target);
    await toldInTheEnd(gone);
    await stopServiceWorkers();
    const again = await start();
    assert.include(again.ports, here.target);
    assert.notInclude(again.ports, gone.target);
    await told(gone.channel);
    await told(here.channel);
    await here.tab.close();
    assert.equal((await take(here.channel)).closed, here.target);
    frame.remove();
  });

  test(`${how}, with no window and no registry left`, async () => {
    const clients = [await open(), await open()];
    await stopServiceWorkers();
    await Promise.all(clients.map(({tab}) => tab.close()));
    // Last words may have started it before, and be waited for.
    await start();
    for (const {target, channel} of clients) await told(channel, target);
    await stopServiceWorkers();
    const {ports} = await start();
    for (const {target} of clients) assert.notInclude(ports, target);
    for (const {channel} of clients) await told(channel);
  });
}

test('a close that was not stored before the worker was stopped is none: both have the port, and it works', async () => {
  const {services} = navigator;
  const target = `${scope}?${new URLSearchParams({name: 'unstored'})}`;
  const port = await services.connect(target);
  const frame = await embed(service.origin);
  const database = (name) => frame.ask('call', {module: '/survival/database.js', name});
  await database('holdForNow');
  let closed = false;
  services.addEventListener('close', ({source}) => (closed ||= source === port));
  const channel = `unstored ${number++}`;
  port.postMessage({please: 'close', channel});
  assert.equal(await take(channel), 'it is closed');
  await stopServiceWorkers();
  await database('releaseNow');
  assert.include((await starts['a fetch event']()).ports, target);
  const answered = new Promise((resolve) =>
    services.addEventListener('message', ({source, data}) => source === port && resolve(data)),
  );
  port.postMessage({please: 'list'});
  assert.include((await answered).ports, target);
  assert.isFalse(closed);
  port.close();
  frame.remove();
});

test(
  'where the ports can never be read again, who asks for one hears close, and the next connects',
  async () => {
    const {services} = navigator;
    const port = await services.connect(scope);
    const closed = new Promise((resolve) =>
      services.addEventListener('close', ({source}) => source === port && resolve()),
    );
    const frame = await embed(service.origin);
    const database = (name) => frame.ask('call', {module: '/survival/database.js', name});
    await database('replace');
    await stopServiceWorkers();
    port.postMessage({please: 'list'});
    const begin = performance.now();
    await closed;
    await note(`closed after ${(performance.now() - begin) | 0} ms`);
    await database('remove');
    await stopServiceWorkers();
    const next = await services.connect(scope);
    next.close();
    frame.remove();
  },
  {seconds: 90},
);
