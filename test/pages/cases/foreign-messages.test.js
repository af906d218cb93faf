/** Malformed and foreign messages change nothing, and an application's own messages are left alone. */
import {assert, embed, installed, origins, service, take, test} from '../harness.js';
import {foreign, malformed} from '../foreign.js';
import {ask, registered, rejects, services} from './connect-helpers.js';
import {Context} from '/js/context.js';
import {TICK} from '/js/limits.js';

/** Asserts that connecting works. */
async function works(scope) {
  const port = await services.connect(scope);
  assert.equal(await ask(port, 'hello'), 'hello');
  port.close();
}

test('messages between windows', async ({signal}) => {
  const scope = await installed('echo-service');
  await works(scope);
  const messages = [...foreign, ...malformed, 'the last'];
  /** What this page hears up to the last message. */
  const hear = () =>
    new Promise((resolve) => {
      const heard = [];
      const listener = ({data}) => {
        if (heard.push(data) && data === 'the last') resolve(heard);
      };
      addEventListener('message', listener, {signal});
    });
  const frame = await embed(service.origin);
  const fromFrame = hear();
  await frame.ask('post to the parent', {messages, origin: location.origin});
  assert.deepEqual(await fromFrame, messages);
  const fromHere = hear();
  for (const message of messages) postMessage(message, location.origin);
  assert.deepEqual(await fromHere, messages);
  await works(scope);
  frame.remove();
});

test('messages to the bridge by its parent', async () => {
  const scope = await installed('echo-service');
  const bridge = document.createElement('iframe');
  bridge.src = `${service.origin}/.well-known/navigator-connect/bridge.html`;
  const loaded = new Promise((resolve) => (bridge.onload = resolve));
  document.body.append(bridge);
  await loaded;
  const {contentWindow} = bridge;
  for (const message of [...foreign, ...malformed.filter(({type}) => type !== 'hello')]) {
    contentWindow.postMessage(message, service.origin);
    contentWindow.postMessage(message, service.origin, [new MessageChannel().port1]);
  }
  // It still listens, and then ignores as much on its control port.
  const {port1, port2} = new MessageChannel();
  const ready = new Promise((resolve) => (port1.onmessage = resolve));
  // A page of another version learns from the answer why it can't go on.
  contentWindow.postMessage({navigatorConnect: 2, type: 'hello'}, service.origin, [port2]);
  assert.deepEqual((await ready).data, {type: 'ready', version: 1});
  for (const message of [...foreign, ...malformed]) {
    port1.postMessage(message);
    port1.postMessage(message, [new MessageChannel().port1]);
  }
  await works(scope);
  bridge.remove();
});

/** A bridge's frame, and a port to it on which it listens. */
async function openBridge() {
  const bridge = document.createElement('iframe');
  bridge.src = `${service.origin}/.well-known/navigator-connect/bridge.html`;
  const loaded = new Promise((resolve) => (bridge.onload = resolve));
  document.body.append(bridge);
  await loaded;
  const {port1: page, port2} = new MessageChannel();
  const ready = new Promise((resolve) => (page.onmessage = resolve));
  bridge.contentWindow.postMessage({navigatorConnect: 1, type: 'hello'}, service.origin, [port2]);
  await ready;
  return {
    /** Its client's control port. */
    serve(client, kind = 'window') {
      const {port1, port2} = new MessageChannel();
      page.postMessage({type: 'serve', client, kind}, [port2]);
      return port1;
    },
    leave: (client, gone) => page.postMessage({type: 'leave', client, gone}),
    remove: () => bridge.remove(),
  };
}

test('who resumes a connection that there is not learns nothing by it, and the registry hears nothing', async () => {
  const scope = await installed('echo-service');
  await works(scope);
  const bridge = await openBridge();
  const control = bridge.serve(1);
  const foreign = [`${origins.bare}/`, 'http://[', `${service.origin}/nothing/here/`, scope.padEnd(65_537, 'x')];
  const targets = [...foreign, scope];
  const lost = [];
  const start = performance.now();
  let first;
  const all = new Promise((resolve) => {
    control.onmessage = ({data}) => {
      first ??= performance.now() - start;
      if (lost.push(data) === targets.length) resolve();
    };
  });
  for (const [attempt, targetURL] of targets.entries()) {
    control.postMessage({type: 'resume', attempt, connection: crypto.randomUUID(), targetURL});
  }
  await all;
  // Attempts that find no service, or are refused, are told so on ticks as well.
  if (service.origin !== location.origin) assert.isAtLeast(first, 0.99 * TICK);
  assert.sameDeepMembers(
    lost,
    targets.map((_, attempt) => ({type: 'lost', attempt})),
  );
  const port = await services.connect(`${scope}?known`);
  const frame = await embed(service.origin);
  const {connections} = await registered(frame, port.targetURL);
  const listed = connections.map(({targetURL}) => targetURL);
  for (const target of targets) assert.notInclude(listed, target);
  port.close();
  frame.remove();
  bridge.remove();
});

test('who leaves for good before what it resumes is found: the service hears of it', async () => {
  const channel = crypto.randomUUID();
  const targetURL = `${await installed('reporting-service')}?channel=${channel}`;
  const connection = crypto.randomUUID();
  const bridge = await openBridge();
  const {port1, port2} = new MessageChannel();
  const connected = new Promise((resolve) => (port1.onmessage = resolve));
  const first = bridge.serve(1, 'serviceworker');
  first.postMessage({type: 'connect', attempt: 1, connection, targetURL, installWorker: false}, [port2]);
  assert.equal((await connected).data.type, 'hello');
  // It sleeps, and is gone when the next has just begun.
  bridge.leave(1, false);
  bridge.serve(2, 'serviceworker').postMessage({type: 'resume', attempt: 1, connection, targetURL});
  bridge.leave(2, true);
  assert.equal((await take(channel)).closed, targetURL);
  bridge.remove();
});

test('a target URL has at most 65,536 characters', async () => {
  const scope = await installed('echo-service');
  const longest = scope.padEnd(65_536, 'x');
  (await services.connect(longest)).close();
  await rejects(services.connect(`${longest}x`), 'AbortError');
});

test('a page has at most 4,096 clients at a bridge', async () => {
  const bridge = await openBridge();
  for (let client = 0; client < 4_096; client++) bridge.serve(client);
  const refused = bridge.serve(4_096);
  const {data} = await new Promise((resolve) => (refused.onmessage = resolve));
  assert.equal(data.type, 'failed');
  await works(await installed('echo-service'));
  bridge.remove();
});

test('a bridge obeys nobody but its parent', async () => {
  const scope = await installed('echo-service');
  const port = await services.connect(scope);
  const isBridge = ({src}) => src.includes('/bridge.html');
  const stranger = await embed(service.origin);
  const index = [...document.querySelectorAll('iframe')].findIndex(isBridge);
  // A page of its own origin has no frame, and nobody to obey.
  if (index >= 0) await stranger.ask('greet a sibling', {index, origin: service.origin});
  await works(scope);
  assert.equal(await stranger.ask('was greeted'), false);
  port.close();
  stranger.remove();
});

test('messages to the registry', async () => {
  const scope = await installed('echo-service');
  const frame = await embed(service.origin);
  const before = await frame.ask('snapshot');
  await frame.ask('disturb the registry', {messages: [...foreign, ...malformed]});
  const port = await services.connect(scope);
  const after = await registered(frame, scope);
  assert.equal(after.generation, before.generation);
  assert.isAbove(after.counters.ignored, before.counters.ignored);
  port.close();
  frame.remove();
});

test('messages to the service worker', async () => {
  const scope = await installed('hearing-service');
  await works(scope);
  const frame = await embed(service.origin);
  // Ours are those with the number; the application hears the others as they are.
  assert.deepEqual(await frame.ask('talk to the worker', {scope, messages: foreign}), foreign);
  assert.deepEqual(await frame.ask('talk to the worker', {scope, messages: malformed}), []);
  const {errors, said} = await frame.ask('errors of the worker', {scope});
  assert.equal(errors, 0);
  // Of the numbers in them, each is another version's, and is told of once.
  assert.lengthOf(said, 2);
  for (const [i, version] of [0, NaN].entries()) {
    assert.include(said[i], `this worker speaks version 1, its bridge ${version}.`);
  }
  await works(scope);
  frame.remove();
});

test("a request for a courier of another version is nobody's, and the next is served", async ({signal}) => {
  const worker = new Worker('/echoing-worker.js');
  const heard = [];
  worker.addEventListener('message', ({data}) => heard.push(data));
  const context = new Context();
  signal.addEventListener('abort', () => context.leave());
  await context.lockHeld;
  const answers = [];
  const served = new Promise((resolve) => {
    for (const navigatorConnect of [0, 2, 1]) {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = ({data}) => {
        answers.push([navigatorConnect, data.type]);
        if (navigatorConnect === 1) resolve();
      };
      worker.postMessage({navigatorConnect, type: 'courier', kind: 'worker', context: context.id}, [port2]);
    }
  });
  await served;
  assert.deepEqual(answers, [[1, 'here']]);
  assert.deepEqual(heard, []);
  worker.terminate();
  await works(await installed('echo-service'));
});
