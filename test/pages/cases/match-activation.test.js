/** A registration without an active worker is waited for. */
import {ACTIVATION} from '/js/limits.js';
import {assert, embed, fault, installed, origins, post, service, take, test} from '../harness.js';
import {ask, rejects, services} from './connect-helpers.js';

let number = 0;

/** Begins to connect, once with and once without installing; the worker is told by `go`. */
async function begin() {
  const scope = `${service.origin}/held/${number++}/`;
  const headers = {'Content-Type': 'text/javascript'};
  await fault(`${scope}sw.js`, {body: `importScripts('/services/held-service.js');`, headers});
  await fault(scope, {status: 404, headers: {'Service-Worker-Script': 'sw.js'}});
  const log = [];
  const follow = (attempt) => {
    const note = () => log.push('settled');
    attempt.then(note, note);
    return attempt;
  };
  const installing = follow(services.connect(scope, {installWorker: true}));
  await take(`${scope} install began`);
  const waiting = follow(services.connect(scope));
  return {
    scope,
    attempts: [installing, waiting],
    log,
    began: (event) => take(`${scope} ${event} began`),
    go: (event, well) => post(`${scope} ${event}`, well),
  };
}

/** Resolves once the bridge has looked for the registrations of all attempts so far: one behind them is through. */
const looked = async () => (await services.connect(await installed('echo-service'))).close();

test('an attempt waits until the worker is active', async () => {
  const {attempts, log, began, go} = await begin();
  await go('install', true);
  await began('activate');
  assert.deepEqual(log, []);
  await go('activate', true);
  for (const port of await Promise.all(attempts)) assert.instanceOf(port, ServicePort);
});

test('when the installation fails and nothing follows, AbortError', async () => {
  const {attempts, log, go} = await begin();
  assert.deepEqual(log, []);
  await go('install', false);
  await Promise.all(attempts.map((attempt) => rejects(attempt, 'AbortError')));
});

for (const [outcome, status] of Object.entries({
  'is then connected to': 200,
  'can not be loaded, which is an AbortError': 404,
})) {
  test(`a registration whose worker's script is on its way is waited for: it ${outcome}`, async () => {
    const scope = `${service.origin}/held/${number++}/`;
    const hold = `${scope} script`;
    const headers = {'Content-Type': 'text/javascript'};
    await fault(`${scope}sw.js`, {status, body: `importScripts('/services/echo-service.js');`, headers, hold});
    await fault(scope, {status: 404, headers: {'Service-Worker-Script': 'sw.js'}});
    const attempts = [services.connect(scope, {installWorker: true})];
    await take(`${hold} asked`);
    // There is a registration, without any worker.
    attempts.push(services.connect(scope), services.connect(scope, {installWorker: true}));
    const settled = Promise.allSettled(attempts);
    await looked();
    await post(hold, true);
    for (const {value, reason} of await settled) {
      if (status === 200) assert.instanceOf(value, ServicePort, reason);
      else assert.equal(reason.name, 'AbortError');
    }
  });
}

/** What happens to a worker that is waited for, and that another has been told to follow. */
const ends = {
  async 'its installation fails'({go, frame, params}) {
    const channel = `${params.scope} follows`;
    const followed = frame.ask('call', {module: '/activated.js', name: 'follow', params: {...params, channel}});
    await take(channel);
    await go('install', false);
    await followed;
  },
  async 'it is unregistered while it is activated'({go, began, frame, params}) {
    await go('install', true);
    await began('activate');
    await frame.ask('call', {module: '/activated.js', name: 'replace', params});
  },
};
for (const [end, bring] of Object.entries(ends)) {
  test(
    `a worker becomes redundant, then its successor is connected to: ${end}`,
    async () => {
      const {scope, attempts, ...held} = await begin();
      // Later, one may find the moment in which there is none.
      await looked();
      const script = `${scope}next.js`;
      const headers = {'Content-Type': 'text/javascript'};
      await fault(script, {body: `importScripts('/services/echo-service.js');`, headers});
      const frame = await embed(service.origin);
      await bring({...held, frame, params: {scope, script}});
      for (const port of await Promise.all(attempts)) assert.equal(await ask(port, '?script'), script);
      frame.remove();
    },
    end.includes('unregistered')
      ? {
          seconds: 10,
          fails: {firefox: 'it lets a worker that is busy end its work first, and nothing follows meanwhile'},
        }
      : {},
  );
}

test('a failed activation is one', async () => {
  const {attempts, go} = await begin();
  await go('install', true);
  await go('activate', false);
  for (const port of await Promise.all(attempts)) assert.instanceOf(port, ServicePort);
});

if (service.origin === origins.own) {
  test('the wait is bounded', async () => {
    // The bridge runs in this page, where the minute can pass at once.
    const {setTimeout} = globalThis;
    globalThis.setTimeout = (act, time) => setTimeout(act, time === ACTIVATION ? 0 : time);
    try {
      const {attempts, go} = await begin();
      await Promise.all(attempts.map((attempt) => rejects(attempt, 'AbortError')));
      await go('install', false);
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  });
}
