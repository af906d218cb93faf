/** What a service worker asks of its windows: no application of theirs hears of it. */
import {activated} from '../activated.js';
import {assert, installed, loaded, origins, test} from '../harness.js';

let number = 0;

/** A service worker of this page's origin that asks when it is told, and while it is activated if that says where to. */
async function askingClient(connect = '') {
  const scope = `${origins.own}/services/asking-client/${number++}/`;
  const query = new URLSearchParams({connect});
  const registration = await navigator.serviceWorker.register(`/services/asking-client.js?${query}`, {scope});
  const worker = await activated(registration);
  return {
    scope,
    async tell(order, more = []) {
      const {port1, port2} = new MessageChannel();
      const answer = new Promise((resolve) => (port1.onmessage = resolve));
      worker.postMessage(order, [port2, ...more]);
      const {error, value} = (await answer).data;
      if (error) throw new Error(error);
      return value;
    },
    uninstall: () => registration.unregister(),
  };
}

/** Adds a frame with a page of this origin, or one within another of those. */
async function openFrame(query, place = document) {
  const frame = place.createElement('iframe');
  frame.src = `/cases/asked-page.html?${new URLSearchParams(query)}`;
  const done = loaded(frame);
  place.body.append(frame);
  await done;
  return frame;
}

/** All applications that there may be: none of them has called for what we say. */
async function openAll() {
  const frames = await Promise.all([
    openFrame({how: 'listener'}),
    openFrame({how: 'onmessage'}),
    openFrame({how: 'listener', loader: ''}),
    openFrame({how: 'onmessage', loader: ''}),
  ]);
  const [bare] = frames;
  const nested = [{how: 'listener'}, {how: 'onmessage', loader: ''}];
  const inner = await Promise.all(nested.map((query) => openFrame(query, bare.contentDocument)));
  const all = [...frames, ...inner].map(({contentWindow}) => contentWindow);
  return {
    /** What each of them has heard, once it has heard the last. */
    heard: () => Promise.all(all.map((window) => window.eval('all'))),
    remove: () => frames.forEach((frame) => frame.remove()),
    count: all.length,
  };
}

/** Everyone has heard the last message, and nothing else. */
const nothingElse = async (windows) =>
  assert.deepEqual(
    await windows.heard(),
    Array.from({length: windows.count}, () => ['last']),
  );

/**
 * Has a service worker ask, beside all applications, and asserts that none of them has heard anything of it.
 *
 * @param {(client: Awaited<ReturnType<typeof askingClient>>) => Promise<void>} ask its last order posts the last message
 * @param {string} [connect] where to, while it is activated
 */
async function askUnheard(ask, connect) {
  const windows = await openAll();
  const client = await askingClient(connect);
  await ask(client);
  await nothingElse(windows);
  windows.remove();
  await client.uninstall();
}

test('a service worker connects, and no application hears it ask its windows', async () => {
  const target = await installed('echo-service');
  await askUnheard(async (client) => assert.equal(await client.tell({connect: target}), 'hello'));
});

test('a service worker connects while it is activated, and no application hears it ask', async () => {
  const target = await installed('echo-service');
  await askUnheard(async (client) => assert.isUndefined(await client.tell({})), target);
});

test('a service worker has a port kept in custody, and no application hears it ask', () =>
  askUnheard(async (client) => {
    const {port1, port2} = new MessageChannel();
    await client.tell({keep: true}, [port2]);
    const answer = new Promise((resolve) => (port1.onmessage = resolve));
    port1.postMessage('through its keeper');
    assert.equal((await answer).data, 'through its keeper');
    await client.tell({});
  }));

test('a service worker connects while windows come, and after each that goes', async () => {
  const target = await installed('echo-service');
  const client = await askingClient();
  const connecting = Array.from({length: 4}, () => client.tell({connect: target}));
  const frames = [];
  for (let i = 0; i < 3; i++) frames.push(await openFrame({how: 'listener', loader: ''}));
  assert.deepEqual(await Promise.all(connecting), ['hello', 'hello', 'hello', 'hello']);
  for (const frame of frames) {
    frame.remove();
    assert.equal(await client.tell({connect: target}), 'hello');
  }
  await client.uninstall();
});

test('a service worker connects whose registration has been removed, from under the page that it controls', async () => {
  const target = await installed('echo-service');
  const client = await askingClient();
  const frame = document.createElement('iframe');
  frame.src = client.scope;
  const done = loaded(frame);
  document.body.append(frame);
  await done;
  const {contentDocument, contentWindow} = frame;
  assert.exists(contentWindow.navigator.serviceWorker.controller);
  const script = contentDocument.createElement('script');
  script.src = '/.well-known/navigator-connect/navigator-connect.js';
  const ran = new Promise((resolve) => (script.onload = resolve));
  contentDocument.documentElement.append(script);
  await ran;
  await client.uninstall();
  // Windows that come meanwhile close nothing of a worker that lives.
  const answer = client.tell({connect: target, stays: 2_000});
  const windows = [];
  for (let i = 0; i < 4; i++) windows.push(await openFrame({how: 'listener', loader: ''}));
  assert.equal(await answer, 'hello');
  for (const each of [frame, ...windows]) each.remove();
});
