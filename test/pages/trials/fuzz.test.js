/**
 * Thousands of generated messages for every listener of ours that anyone can post to. No exception escapes, nothing is
 * left behind, and the next connection works. What is not ours reaches the application as it is.
 */
import {
  assert,
  consoleUntil,
  embed,
  facts,
  fault,
  installed,
  installedAt,
  note,
  origins,
  post,
  seed,
  service,
  take,
  test,
} from '../harness.js';
import {activated} from '../activated.js';
import {ask, rejects, services, snapshotOnce} from '../cases/connect-helpers.js';
import {Context} from '/js/context.js';
import {isMessage} from '/js/shape.js';
import {generator, pour} from '../generate.js';
import {connectByHand, mountBridge} from './by-hand.js';

const COUNT = Number(facts.count);

/** What `isMessage` and our listeners take for a request to a window. */
const isCourier = (data) => isMessage(data, 'courier', {navigatorConnect: 'number', kind: 'string', context: 'string'});

/** Whether a line of the console is an exception that nobody caught; what we say there begins with our name. */
const escaped = (line) => /^error/.test(line) && !/navigator-connect:|Failed to load resource/.test(line);

/** Resolves once there are no more frames in this page than so many. */
const framesAre = (count) =>
  new Promise((resolve) => {
    const look = () => {
      if (document.querySelectorAll('iframe').length > count) return;
      observer.disconnect();
      resolve();
    };
    const observer = new MutationObserver(look);
    observer.observe(document, {childList: true, subtree: true});
    look();
  });

/**
 * A case that pours messages out: the registry and the frames must be afterwards as they were before, and the console
 * must show no exception.
 */
function fuzz(name, act, options = {}) {
  test(
    name,
    async (context) => {
      const scope = await installed('counting-service');
      const witness = await embed(service.origin);
      const call = (name, params) => witness.ask('call', {module: '/trials/pourers.js', name, params});
      /** The registry once nothing is connected, the bridge has gone, and those have come that stay: frame and worker. */
      const settled = (atMost = Infinity) =>
        snapshotOnce(
          witness,
          ({connections, contexts}) =>
            connections.length === 0 &&
            contexts.length <= atMost &&
            contexts.filter(({kind}) => kind === 'window').length === 1 &&
            contexts.some((context) => context.scope === scope),
        );
      const works = async () => {
        const port = await services.connect(scope);
        assert.equal(await ask(port, 'works'), 'works');
        port.close();
      };
      await works();
      const before = await settled();
      const frames = document.querySelectorAll('iframe').length;

      await act({...context, seed, scope, witness, call});

      await works();
      const after = await settled(before.contexts.length);
      assert.equal(after.generation, before.generation);
      await framesAre(frames);
      assert.isEmpty(await services.matchAll());
      const {errors} = await call('ask', {scope, message: {counting: true}});
      assert.isEmpty(errors, errors.join('\n'));
      witness.remove();
      const last = `poured out ${seed}`;
      console.log(last);
      const exceptions = (await consoleUntil(last)).filter(escaped);
      assert.isEmpty(exceptions, exceptions.join('\n'));
      await note(`ignored by the registry: ${after.counters.ignored - before.counters.ignored}`);
    },
    {seconds: 120, ...options},
  );
}

/** Collects what the application hears from `target` until the last one, and counts. */
const counting = (target, signal) => {
  let count = 0;
  const all = new Promise((resolve) => {
    const listener = ({data}) => {
      if (data?.poured) resolve(data.error ?? count);
      else count++;
    };
    target.addEventListener('message', listener, {signal});
  });
  return all;
};

fuzz('to the page, from a frame: all of them are the application’s', async ({call, seed, signal}) => {
  // The witness's own answers come over ports.
  const heard = counting(window, signal);
  await call('toParent', {seed, count: COUNT, origin: location.origin});
  assert.equal(await heard, COUNT);
});

const workers = {
  worker: (...args) => new Worker(...args),
  'shared worker': (...args) => new SharedWorker(...args).port,
};
for (const [kind, start] of Object.entries(workers)) {
  fuzz(`to the page, from a ${kind}: those that ask for a courier are ours`, async ({seed, signal}) => {
    const worker = start('/trials/pouring-worker.js', {type: 'module'});
    const heard = counting(worker, signal);
    worker.start?.();
    worker.postMessage({seed, count: COUNT, to: 'page'});
    const expected = generator(seed);
    let foreign = 0;
    for (let i = 0; i < COUNT; i++) {
      if (!isCourier(expected.next())) foreign++;
      expected.random(); // How many ports.
    }
    assert.equal(await heard, foreign);
    worker.terminate?.();
    worker.close?.();
  });
}

fuzz('to a courier, from its worker', async ({seed, signal}) => {
  const worker = new Worker('/trials/pouring-worker.js', {type: 'module'});
  const heard = counting(worker, signal);
  worker.postMessage({seed, count: COUNT, to: 'courier'});
  assert.equal(await heard, 0);
  worker.terminate();
});

fuzz('to a worker, from its courier', async ({seed, scope, signal}) => {
  // Made by a frame that has no loader: ours, whose courier it would take, listens at those of its own page.
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const worker = new frame.contentWindow.Worker(new URL('/trials/connecting-worker.js', location.href));
  const next = (fits) =>
    new Promise((resolve) => {
      const listener = (event) => {
        if (!fits(event.data)) return;
        worker.removeEventListener('message', listener);
        resolve(event);
      };
      worker.addEventListener('message', listener, {signal});
    });
  /** Has the worker connect, by a courier that does what `serve` does with its channel; returns what it says of that. */
  const connect = async (serve) => {
    const asked = next(isCourier);
    const outcome = next((data) => 'outcome' in data);
    worker.postMessage({connect: scope});
    const [channel] = (await asked).ports;
    await serve(channel);
    const {data} = await outcome;
    channel.close();
    return data;
  };
  for (const without of [['here'], []]) {
    const pouring = async (channel) => {
      await pour(COUNT, generator(seed, {without}), (message, ports) => channel.postMessage(message, ports));
      // Of a window that has gone already.
      channel.postMessage({type: 'here', context: crypto.randomUUID()});
    };
    assert.deepEqual(await connect(pouring), {outcome: 'AbortError', errors: []});
  }
  const bridge = await mountBridge(service.origin);
  const serving = async (channel) => {
    channel.onmessage = ({data: {type, client}, ports}) =>
      type === 'open' && bridge.page.postMessage({type: 'serve', client, kind: 'worker'}, [...ports]);
    const context = new Context();
    signal.addEventListener('abort', () => context.leave());
    await context.lockHeld;
    channel.postMessage({type: 'here', context: context.id});
  };
  assert.deepEqual(await connect(serving), {outcome: 'works', errors: []});
  bridge.remove();
  worker.terminate();
  frame.remove();
});

/** Has a service worker of this page pour out; returns how many messages the page's application hears. */
async function fromServiceWorker(how, signal) {
  const {serviceWorker} = navigator;
  const registration = await serviceWorker.register('/services/pouring-service.js', {
    type: 'module',
    scope: '/services/none/',
  });
  const worker = await activated(registration);
  const heard = counting(serviceWorker, signal);
  serviceWorker.startMessages();
  worker.postMessage({pour: {count: COUNT, ...how}});
  const count = await heard;
  await registration.unregister();
  return count;
}

// In a page of its own: in one that has had the cases before, Firefox takes six times as long, for reasons unknown.
fuzz(
  'to the page, from its service worker: all of them are the application’s',
  async ({seed, signal}) => assert.equal(await fromServiceWorker({seed, on: 'client'}, signal), COUNT),
  {fresh: true},
);

fuzz(
  'to the page, from its service worker on the channel of windows: none of them is the application’s',
  async ({seed, signal}) => assert.equal(await fromServiceWorker({seed, on: 'windows'}, signal), 0),
  {fresh: true},
);

fuzz(
  'to the custodian, from a service worker: a port for each, of which the application hears nothing',
  async ({seed, signal}) => assert.equal(await fromServiceWorker({seed, on: 'custodian'}, signal), 0),
  {fresh: true},
);

fuzz('to the bridge, from its page: window, page port and control port', async ({seed, scope}) => {
  const bridge = await mountBridge(service.origin);
  const {contentWindow} = bridge.frame;
  await pour(COUNT, generator(seed), (message, ports) => contentWindow.postMessage(message, service.origin, ports));
  await pour(COUNT, generator(seed + 1), (message, ports) => bridge.page.postMessage(message, ports));
  const control = bridge.serve();
  await pour(COUNT, generator(seed + 2), (message, ports) => control.postMessage(message, ports));
  // It serves on.
  const port = await connectByHand(bridge.serve(), 1, scope);
  port.close();
  bridge.remove();
});

/** So many connections, each of which gets its part twice: from a generator that ends it early, and from one that does not. */
const ENDS = 50;
const PART = COUNT / ENDS;

fuzz('to the page and its clients, from a bridge: page port and control port', async ({seed, scope}) => {
  const ROUNDS = 10;
  const url = `${service.origin}/.well-known/navigator-connect/bridge.html`;
  // The frame before has gone; the witness's stays.
  await framesAre(1);
  const script = `${service.origin}/trials/pouring-bridge.js?${new URLSearchParams({count: COUNT / ROUNDS, seed})}`;
  await fault(url, {body: `<!doctype html><title>None of ours</title><script type="module" src="${script}"></script>`});
  for (let i = 0; i < ROUNDS; i++) await rejects(services.connect(scope), 'AbortError');
  await framesAre(1);
  await fault(url, {});
});

fuzz('to a service, on its data ports', async ({seed, scope}) => {
  const bridge = await mountBridge(service.origin);
  const control = bridge.serve();
  for (let attempt = 0; attempt < 2 * ENDS; attempt++) {
    const port = await connectByHand(control, attempt, scope);
    // Or else the service takes no messages yet.
    if (attempt % 4 < 2) port.postMessage({type: 'hello', context: 'generated'});
    const generated = generator(seed + attempt, {lasting: attempt % 2 === 0});
    await pour(PART, generated, (message, ports) => port.postMessage(message, ports));
    control.postMessage({type: 'close', attempt});
    port.close();
  }
  bridge.remove();
});

fuzz('to a client, on its data ports', async ({seed, witness}) => {
  const scope = `${service.origin}/services/pouring-service/`;
  await witness.ask('install', {script: '/services/pouring-service.js', scope, type: 'module'});
  let heard = 0;
  const count = () => heard++;
  services.addEventListener('message', count);
  for (let i = 0; i < 2 * ENDS; i++) {
    const closed = new Promise((resolve) => services.addEventListener('close', resolve, {once: true}));
    const query = new URLSearchParams({count: PART, seed: seed + i, lasting: i % 2 ? '' : 'yes'});
    const port = await services.connect(`${scope}?${query}`);
    port.postMessage('hello');
    assert.equal((await closed).source, port);
  }
  services.removeEventListener('message', count);
  await note(`${heard} of them were taken for messages`);
  await witness.ask('uninstall', {scope});
});

fuzz('to the bridge, from a service: on its answer ports', async ({seed, witness}) => {
  const scope = `${service.origin}/services/pouring-service/`;
  await witness.ask('install', {script: '/services/pouring-service.js', scope, type: 'module'});
  let closed = 0;
  const count = () => closed++;
  services.addEventListener('close', count);
  const attempt = (_, i) =>
    services.connect(`${scope}?${new URLSearchParams({count: PART, seed: seed + i, on: 'answers'})}`);
  const attempts = await Promise.allSettled(Array.from({length: ENDS}, attempt));
  const refused = attempts.filter(({reason}) => reason);
  for (const {reason} of refused) assert.equal(reason.name, 'AbortError');
  await note(`${refused.length} of ${ENDS} were taken for refused`);
  while (closed < ENDS - refused.length)
    await new Promise((resolve) => services.addEventListener('close', resolve, {once: true}));
  services.removeEventListener('close', count);
  await witness.ask('uninstall', {scope});
});

fuzz('to the registry: its port and its channel', async ({seed, call}) => {
  await call('toRegistry', {seed, count: COUNT});
});

fuzz('to the service worker: what has no number of ours is its application’s', async ({seed, scope, call}) => {
  const {messages} = await call('ask', {scope, message: {counting: true}});
  const foreign = await call('toWorker', {seed, count: COUNT, scope});
  const counts = await call('ask', {scope, message: {counting: true}});
  assert.equal(counts.messages - messages, foreign);
});

fuzz('to a service worker, on the channel of its windows, also while it waits for one', async ({seed, scope, call}) => {
  assert.equal(await call('toWaiting', {seed, count: COUNT, scope}), 'connected');
});

// In a page of its own, where this origin has no registry yet.
fuzz(
  'to a window, from the registry',
  async ({seed}) => {
    const origin = origins.crossSite;
    const channel = crypto.randomUUID();
    const parts = 20;
    const numbers = crypto.randomUUID();
    for (let part = 0; part <= 2 * parts; part++) await post(numbers, part);
    const query = new URLSearchParams({count: COUNT, parts, seed, numbers, channel});
    await fault(`${origin}/.well-known/navigator-connect/registry.js`, {
      // What connects meanwhile must be heard.
      body: `const pouring = import('/trials/pouring-registry.js?${query}');
        onconnect = async ({ports: [port]}) => (await pouring).serve(port);`,
      headers: {'Content-Type': 'text/javascript'},
    });
    const scope = await installedAt(origin, 'counting-service');
    const port = await services.connect(scope);
    await take(channel);
    assert.equal(await ask(port, 'works on'), 'works on');
    const another = await services.connect(scope);
    assert.equal(await ask(another, 'and anew'), 'and anew');
    port.close();
    another.close();
  },
  {fresh: true},
);
