/**
 * How long a service worker lives when what it does takes longer than the browser lets it idle. All of it begins when
 * this module is loaded, each at a registration of its own, and then the page is silent.
 */
import {assert, embed, note, service, take, test} from '../harness.js';
import {ask, nextFrom, rejects, services} from '../cases/connect-helpers.js';

/** Longer than the 30 s after which browsers stop an idle worker, counted from the last keepalive of a port in use. */
const LAST = 60;

/** `LASTS` and `MAX_EXTENSION` in limits.js: what lasts may have been given an event just before, the last it gets. */
const UPDATE = 15_000;
/** What a loaded machine may add. */
const SLACK = 3_000;

/** limits.js */
const WORKER_START = 15_000;
const ANSWER = 120_000;
const TICK = 1_000;

const frame = await embed(service.origin);
let number = 0;

/** A registration that nothing else uses, and the URL of something there that lasts. */
async function lasting(where, name = 'patient-service') {
  const scope = `${service.origin}/services/${name}/${number++}/`;
  await frame.ask('install', {script: `/services/${name}.js`, scope});
  const channel = scope;
  return {channel, scope, url: `${scope}?${new URLSearchParams({in: where, channel, seconds: LAST})}`};
}

/** Asserts that it began and ended in the same start of the worker; returns which. */
async function endedAsBegun({channel}) {
  const {begun} = await take(channel);
  assert.isString(begun);
  const begin = Date.now();
  assert.deepEqual(await take(channel), {ended: begun});
  assert.isAtLeast(Date.now() - begin, 0.95 * LAST * 1_000);
  return begun;
}

const begun = {
  async connect() {
    const it = await lasting('connect');
    await services.connect(it.url);
    await endedAsBegun(it);
  },

  async respondWith() {
    const it = await lasting('respondWith');
    const attempt = services.connect(it.url);
    const instance = await endedAsBegun(it);
    assert.deepEqual(await ask(await attempt, 'who'), {who: instance});
  },

  async message() {
    const it = await lasting('message');
    const port = await services.connect(it.url);
    const answer = nextFrom(port);
    port.postMessage('last');
    const instance = await endedAsBegun(it);
    assert.deepEqual((await answer).data, {lasted: instance});
  },

  // The others keep a window of the service's origin, without which nobody could.
  async close() {
    const it = await lasting('close');
    (await services.connect(it.url)).close();
    await endedAsBegun(it);
  },

  async nothing() {
    const it = await lasting('nothing');
    const port = await services.connect(it.url);
    const begin = Date.now();
    port.postMessage('last');
    const {begun} = await take(it.channel);
    const lasted = new Promise((resolve) => setTimeout(resolve, 1_000 * LAST));
    await Promise.race([frame.ask('free', {lock: begun}), lasted]);
    return Date.now() - begin;
  },

  async 'update in message'() {
    const it = await lasting('message');
    const port = await services.connect(it.url);
    port.postMessage('last');
    const {begun} = await take(it.channel);
    const took = await frame.ask('update', {script: '/services/patient-service.js?update', scope: it.scope});
    const begin = Date.now();
    // Until its thread has ended, the version before takes what is posted, and answers.
    let answer = {who: begun};
    while (answer.who === begun) answer = await ask(port, 'who');
    // Not what the version before says at last.
    assert.hasAllKeys(answer, ['who']);
    took.waiting += Date.now() - begin;
    return took;
  },

  async 'update in respondWith'() {
    const it = await lasting('respondWith');
    const attempt = rejects(services.connect(it.url), 'AbortError');
    await take(it.channel);
    const took = await frame.ask('update', {script: '/services/patient-service.js?update', scope: it.scope});
    await attempt;
    return took;
  },

  async 'no polyfill'() {
    const {url} = await lasting('', 'mute-service');
    const begin = Date.now();
    await rejects(services.connect(url), 'AbortError');
    return Date.now() - begin;
  },

  async 'no answer'() {
    const {channel, scope} = await lasting('respondWith');
    const begin = Date.now();
    const query = new URLSearchParams({in: 'respondWith', channel, seconds: 2 * (ANSWER / 1_000)});
    await rejects(services.connect(`${scope}?${query}`), 'AbortError');
    return Date.now() - begin;
  },
};

const outcomes = Object.fromEntries(Object.entries(begun).map(([name, begin]) => [name, begin()]));
// A case that ends closes every port: none may end before all have.
const settled = Promise.allSettled(Object.values(outcomes));
const outcome = async (name) => {
  await settled;
  return outcomes[name];
};

for (const where of ['connect', 'respondWith', 'message', 'close']) {
  const what = where === 'respondWith' ? 'respondWith()' : `waitUntil() of a ${where} event`;
  test(`${what} keeps the worker for ${LAST} s`, () => outcome(where), {seconds: 150});
}

test(
  'without waitUntil() the worker ends before',
  async () => {
    const took = await outcome('nothing');
    await note(`stopped after ${took} ms`);
    assert.isBelow(took, LAST * 1_000);
  },
  {seconds: 150, fails: {webkit: 'it does not stop a worker, however idle, that has a page of its origin'}},
);

for (const where of ['message', 'respondWith']) {
  test(
    `what lasts in ${where} holds no update up`,
    async () => {
      const took = await outcome(`update in ${where}`);
      await note(`installed after ${took.installing} ms, active after ${took.waiting} more`);
      assert.isAtMost(took.waiting, UPDATE + SLACK);
    },
    {seconds: 150},
  );
}

const bounds = {'no polyfill': WORKER_START, 'no answer': ANSWER};
for (const [name, bound] of Object.entries(bounds)) {
  test(
    `${name}: AbortError after ${bound / 1_000} s`,
    async () => {
      const took = await outcome(name);
      await note(`AbortError after ${took} ms`);
      assert.isAtLeast(took, bound);
      assert.isAtMost(took, bound + TICK + SLACK);
    },
    {seconds: 150},
  );
}
