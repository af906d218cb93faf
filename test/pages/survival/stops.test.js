/** Messages while the service's worker is stopped, in a page. */
import {
  assert,
  embed,
  facts,
  installed,
  installedAt,
  note,
  origins,
  post,
  seed,
  service,
  stopServiceWorker,
  stopServiceWorkers,
  take,
  test,
} from '../harness.js';
import {relay} from './client-worker.js';
import {after, message, seeded, services, Tally} from './tally.js';

/** What may come twice for each stop: WINDOW in js/limits.js. */
const DOUBLED_PER_STOP = 64;
const MESSAGES = 1_500;
const LASTING = 8_000;
const STOPS = 8;
const BATCH = 10;
/** Only Chromium stops workers when asked to; Firefox, with the idle time it is given here, does so by itself. */
const asked = facts.engine === 'chromium';

/** A port of this page, and one of this origin's service worker: `post` posts, `take` is called with what comes. */
const clients = {
  page: async (take) => {
    const port = await services.connect(await installed('reporting-service'));
    services.addEventListener('message', ({source, data}) => source === port && take(data));
    return {
      post: (data) => port.postMessage(data),
      isQuiet: () => port.bufferedAmount === 0,
      close: () => port.close(),
    };
  },
  'service worker': async (take) => {
    const target = await installed('reporting-service');
    const scope = await installedAt(origins.own, 'relaying-client');
    const name = crypto.randomUUID();
    new BroadcastChannel(name).onmessage = ({data}) => take(data);
    await relay(scope, {connect: target}, name);
    return {
      post: (message) => relay(scope, {message}, name),
      isQuiet: () => true,
      close: () => relay(scope, {close: true}, name),
    };
  },
};

/** Posts all messages over the time that is given, or as fast as `post` allows; and more until that is enough. */
async function converse(client, tally, random, isEnough) {
  const begin = performance.now();
  while (tally.posted < MESSAGES || !isEnough()) {
    for (let i = 0; i < BATCH; i++) client.post(message(++tally.posted, random));
    await after(begin + (tally.posted / MESSAGES) * LASTING - performance.now());
  }
}

/** Stops the service's worker at random moments until told to end. */
async function stopAtRandom(random, signal, ends) {
  // Moments of a plan: however long a stop takes on a busy machine, there are as many.
  for (let next = performance.now(); ;) {
    next += 200 + 600 * random();
    await after(next - performance.now());
    if (signal.aborted) return;
    await stopServiceWorker(service.origin);
    ends.count++;
  }
}

async function conversation(from, signal) {
  const random = seeded(seed);
  const tally = new Tally();
  const client = await clients[from]((data) => tally.take(data));
  const end = new AbortController();
  signal.addEventListener('abort', () => end.abort());
  const ends = {count: 0};
  const stopping = asked && stopAtRandom(seeded(seed + 1), end.signal, ends);
  // A busy machine stops few workers in that time, and starts fewer.
  await converse(client, tally, random, () => !asked || Math.min(ends.count, tally.outcome.starts - 1) >= STOPS);
  end.abort();
  await stopping;
  await tally.complete();
  const {outcome} = tally;
  const stops = ends.count || outcome.starts - 1;
  await note(`${stops} stops, ${JSON.stringify(outcome)}`);
  assert.deepEqual(outcome.lost, []);
  assert.deepEqual(outcome.wrong, []);
  assert.isAtMost(outcome.doubled, DOUBLED_PER_STOP * stops);
  assert.isAtLeast(Math.min(stops, outcome.starts - 1), asked ? STOPS : 1);
  client.close();
}

test('1,500 messages of a page, the worker stopped in the middle', ({signal}) => conversation('page', signal), {
  seconds: 90,
});

if (!asked) {
  // Chromium ends the worker at once; here it may idle first, and nobody tells meanwhile.
  test('the service is unregistered: its clients are told once its worker has ended', async () => {
    const scope = await installed('reporting-service');
    const port = await services.connect(scope);
    const closed = new Promise((resolve) =>
      services.addEventListener('close', ({source}) => source === port && resolve()),
    );
    const frame = await embed(service.origin);
    await frame.ask('uninstall', {scope});
    const begin = performance.now();
    await closed;
    await note(`told after ${(performance.now() - begin) | 0} ms`);
    assert.notInclude(await services.matchAll(), port);
    frame.remove();
  });
}

test(
  '1,500 messages, stopped while quiet: nothing lost, nothing twice',
  async () => {
    const tally = new Tally();
    const client = await clients.page((data) => tally.take(data));
    const frame = await embed(service.origin);
    const stops = 10;
    for (let i = 0; i < stops; i++) {
      while (tally.posted < (MESSAGES * (i + 1)) / stops) client.post(message(++tally.posted));
      await tally.complete();
      // Its last confirmation goes to the service within 10 ms.
      do await after(100);
      while (!client.isQuiet());
      if (asked) await stopServiceWorkers();
      else await frame.ask('free', {lock: [...tally.instances].at(-1)});
    }
    const {outcome} = tally;
    await note(JSON.stringify(outcome));
    assert.deepInclude(outcome, {lost: [], wrong: []});
    // Where nobody asks, a burst that takes longer than the worker may idle is one in the middle of which it is stopped.
    if (asked) assert.equal(outcome.starts, stops);
    assert.isAtLeast(outcome.starts, stops);
    assert.isAtMost(outcome.doubled, DOUBLED_PER_STOP * (outcome.starts - stops));
    assert.equal(outcome.received, MESSAGES + outcome.doubled);
    frame.remove();
    client.close();
  },
  {seconds: 90},
);

test('what is posted to a worker that sleeps arrives as it was then, at the port that was accepted', async () => {
  const name = crypto.randomUUID();
  const url = `${await installed('reporting-service')}?name=${name}`;
  const port = await services.connect(url);
  const frame = await embed(service.origin);
  const describe = () => {
    const {port1, port2} = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = ({data}) => resolve(data)));
    const message = {please: 'describe', text: 'as it was', buffer: new Uint8Array([1, 2, 3]).buffer};
    port.postMessage(message, [message.buffer, port2]);
    assert.equal(message.buffer.byteLength, 0);
    message.text = 'as it is';
    return answer;
  };
  const {instance, ...before} = await describe();
  const expected = {name, targetURL: url, own: {givenTo: name}, isTheSame: true, text: 'as it was', bytes: [1, 2, 3]};
  assert.deepEqual(before, expected);
  // Browsers stop nobody sooner, and what is transferred relies on that.
  await after(10_000);
  if (asked) await stopServiceWorkers();
  await frame.ask('free', {lock: instance});
  const {instance: next, ...then} = await describe();
  assert.deepEqual(then, expected);
  assert.notEqual(next, instance);
  frame.remove();
  port.close();
});

if (asked) {
  test('a close wakes a stopped worker, which hears of it once', async () => {
    const channel = crypto.randomUUID();
    const port = await services.connect(`${await installed('reporting-service')}?channel=${channel}`);
    await stopServiceWorkers();
    port.close();
    assert.equal((await take(channel)).closed, port.targetURL);
    // Who hears of another has heard all of this one.
    const other = crypto.randomUUID();
    (await services.connect(`${await installed('reporting-service')}?channel=${other}`)).close();
    await take(other);
    await post(channel, 'nothing more');
    assert.equal(await take(channel), 'nothing more');
  });

  const handling = {'a listener of close runs': 'busy=3000', 'what such a listener waits for lasts': 'wait=3000'};
  for (const [what, query] of Object.entries(handling)) {
    test(`a worker that is stopped while ${what} hears of it again, and then no more`, async () => {
      const scope = await installed('reporting-service');
      // It keeps the bridge, whose lock stands for all clients of the page.
      const port = await services.connect(scope);
      const channel = crypto.randomUUID();
      const script = `importScripts('${origins.own}/.well-known/navigator-connect/navigator-connect.js');
        navigator.services.connect('${scope}?channel=${channel}&${query}').then(() => postMessage('connected'));`;
      const worker = new Worker(URL.createObjectURL(new Blob([script], {type: 'text/javascript'})));
      await new Promise((resolve) => (worker.onmessage = resolve));
      worker.terminate();
      const {instance} = await take(channel);
      await stopServiceWorkers();
      const again = await take(channel);
      assert.notEqual(again.instance, instance);
      if (query.startsWith('wait')) assert.deepEqual(await take(channel), {waited: again.instance});
      const listed = async () => {
        const answer = new Promise((resolve) => services.addEventListener('message', resolve, {once: true}));
        port.postMessage({please: 'list'});
        assert.deepEqual((await answer).data.ports, [scope]);
      };
      await listed();
      await stopServiceWorkers();
      await listed();
      await post(channel, 'nothing more');
      assert.equal(await take(channel), 'nothing more');
      port.close();
    });
  }

  test(
    '1,000 connections of a page all answer after a stop',
    async () => {
      const scope = await installed('reporting-service');
      const ports = [];
      const begin = performance.now();
      while (ports.length < 1_000) {
        const more = Array.from({length: 100}, (_, i) => services.connect(`${scope}?${ports.length + i}`));
        ports.push(...(await Promise.all(more)));
      }
      const made = performance.now() - begin;
      /** Posts on every port, and waits for an answer on each. */
      const round = async () => {
        const waiting = new Set(ports);
        const begin = performance.now();
        const done = new Promise((resolve) => {
          const listener = ({source}) => {
            waiting.delete(source);
            if (waiting.size > 0) return;
            services.removeEventListener('message', listener);
            resolve();
          };
          services.addEventListener('message', listener);
        });
        for (const port of ports) port.postMessage({});
        await Promise.race([done, after(60_000)]);
        assert.equal(waiting.size, 0, 'ports without an answer');
        return performance.now() - begin;
      };
      const before = await round();
      await stopServiceWorkers();
      const stopped = await round();
      await note(
        `1,000 connections: made in ${made | 0} ms, all answer in ${before | 0} ms, after a stop in ${stopped | 0} ms`,
      );
      for (const port of ports) port.close();
    },
    {seconds: 120},
  );

  test(
    '1,500 messages of a service worker, the service stopped in the middle',
    ({signal}) => conversation('service worker', signal),
    {seconds: 120},
  );
}
