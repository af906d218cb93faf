/** Both ends are service workers, and both sleep. */
import {
  ask,
  assert,
  bridgeIsGone,
  embed,
  facts,
  installed,
  installedAt,
  loader,
  note,
  openTab,
  origins,
  post,
  seed,
  service,
  stopServiceWorker,
  stopServiceWorkers,
  take,
  test,
} from '../harness.js';
import {BRIDGE_LINGER} from '/js/limits.js';
import {relay} from './client-worker.js';
import {hold} from './database.js';
import {after, message, seeded, services, Tally} from './tally.js';

/** Only Chromium stops workers when asked to. */
const asked = facts.engine === 'chromium';

const MESSAGES = 1_500;
const LASTING = 8_000;
/** What a worker posts is stored within this time, on a busy machine. */
const MOMENT = 100;
/** As many can be on their way at a time, to the service and back: `WINDOW` in limits.js. */
const UNDERWAY = 2 * 64;

/** Connects one service worker to another, and hears what the client's is told. */
async function begin() {
  const target = `${await installed('reporting-service')}?name=worker`;
  const scope = await installedAt(origins.own, 'relaying-client');
  const heard = [];
  let next = Promise.withResolvers();
  new BroadcastChannel('both').onmessage = ({data}) => {
    heard.push(data);
    next.resolve();
    next = Promise.withResolvers();
  };
  await relay(scope, {connect: target});
  return {
    target,
    scope,
    heard,
    async until(fits) {
      while (!heard.some(fits)) await next.promise;
      return heard.filter(fits);
    },
  };
}

/** Takes a client's registration away. */
const unregister = async (scope) => (await navigator.serviceWorker.getRegistration(scope)).unregister();

/**
 * The same with all that its origin has stored. A case that does this needs a page of its own: in Chromium, the windows
 * that were open then and what starts afterwards do not see each other's locks, and take each other for dead.
 */
const clear = () => ask('clear-data', {key: `${origins.own}/`});

/** The same, and another registration is made in its place at once. */
async function replace(scope) {
  await clear();
  await navigator.serviceWorker.register('/services/relaying-client.js', {scope});
}

/** A client, gone, perhaps when it sleeps, whose connections' ends the service tells the harness. */
async function unregistered(name, asleep = asked, remove = unregister) {
  const target = `${await installed('reporting-service')}?${new URLSearchParams({name, channel: name})}`;
  const scope = await installedAt(origins.own, 'relaying-client');
  await relay(scope, {connect: target});
  if (asleep) await stopServiceWorkers();
  await remove(scope);
  return {
    target,
    async toldOnce() {
      assert.equal((await take(name)).closed, target);
      await post(name, 'nothing more');
      assert.equal(await take(name), 'nothing more');
    },
  };
}

if (asked) {
  test('a port that connect() gave outlives the worker, however early that is stopped', async () => {
    const target = await installed('reporting-service');
    const scope = await installedAt(origins.own, 'relaying-client');
    await relay(scope, {connect: `${target}?first`}, 'first');
    const release = await hold();
    const second = relay(scope, {connect: `${target}?second`}, 'second');
    // It must wait for the database; if it does not, the worker is stopped before that has the port.
    const early = await Promise.race([second.then(() => true), after(1_000)]);
    if (early) await stopServiceWorkers();
    release();
    await second;
    await stopServiceWorkers();
    const heard = new Promise((resolve) => (new BroadcastChannel('second').onmessage = resolve));
    await relay(scope, {message: {text: 'are you there?'}}, 'second');
    assert.equal((await heard).data.text, 'are you there?');
    await relay(scope, {close: true}, 'second');
    await relay(scope, {close: true}, 'first');
  });

  test('an attempt outlives the worker that made it, stopped before it is answered', async () => {
    const query = new URLSearchParams({in: 'respondWith', seconds: 2, channel: 'patient'});
    const target = `${await installed('patient-service')}?${query}`;
    const scope = await installedAt(origins.own, 'relaying-client');
    relay(scope, {connect: target}, 'patient');
    const {begun} = await take('patient');
    await stopServiceWorker(origins.own);
    // It starts again, and asks what has become of the attempt.
    const heard = new Promise((resolve) => (new BroadcastChannel('patient').onmessage = resolve));
    await relay(scope, {message: 'who'}, 'patient');
    assert.equal((await take('patient')).ended, begun);
    assert.deepEqual((await heard).data, {who: begun});
    await relay(scope, {close: true}, 'patient');
  });

  test(
    'a message of the client arrives and is answered, both having been stopped',
    async () => {
      const {scope, until} = await begin();
      const instances = new Set();
      for (let round = 0; round < 5; round++) {
        await stopServiceWorkers();
        const begin = performance.now();
        await relay(scope, {message: {round}});
        const [{instance}] = await until((data) => data.round === round);
        instances.add(instance);
        await note(`answered after ${(performance.now() - begin) | 0} ms`);
      }
      assert.equal(instances.size, 5);
    },
    {seconds: 60},
  );

  test(
    'one stopped, and then the other, which nobody told: what it has posted arrives',
    async () => {
      const {target, until} = await begin();
      const frame = await embed(service.origin);
      const navigate = async (params) => {
        const tab = await openTab(`${new URL('page', target)}?${new URLSearchParams({list: 'list', ...params})}`);
        await take('list');
        return tab;
      };
      for (let round = 0; round < 5; round++) {
        const text = `unnoticed ${round}`;
        await stopServiceWorker(origins.own);
        const posting = await navigate({tell: 'worker', text});
        await frame.ask('call', {module: '/survival/database.js', name: 'written'});
        await stopServiceWorkers();
        const starting = await navigate({});
        await until((data) => data.text === text);
        await Promise.all([posting.close(), starting.close()]);
      }
      frame.remove();
    },
    {seconds: 60},
  );

  test(
    'both stopped in the middle of the traffic: lost is at most what was posted in that moment',
    async () => {
      const target = await installed('reporting-service');
      const scope = await installedAt(origins.own, 'relaying-client');
      const random = seeded(seed);
      const tally = new Tally();
      let highest = 0;
      new BroadcastChannel('traffic').onmessage = ({data}) => {
        highest = Math.max(highest, data.n ?? 0);
        // What was never posted is no gap that the service could complain of.
        tally.take({...data, wrong: undefined});
      };
      await relay(scope, {connect: target}, 'traffic');
      /** When each was accepted. */
      const accepted = new Map();
      const stops = [];
      const begin = performance.now();
      const passed = () => (performance.now() - begin) / LASTING;
      const stopping = (async () => {
        while (passed() < 1) {
          await after(200 + 600 * random());
          const stop = {from: performance.now() - MOMENT, answered: highest, to: Infinity, underway: 0};
          await stopServiceWorkers();
          // What it said of the last that it accepted may come after that.
          await after(MOMENT);
          stop.to = performance.now();
          stops.push(stop);
        }
      })();
      while (tally.posted < MESSAGES) {
        const n = ++tally.posted;
        relay(scope, {message: message(n, random)}, 'traffic').then(() => accepted.set(n, performance.now()));
        if (n / MESSAGES > passed()) await after(10);
      }
      await note('all are posted');
      await stopping;
      await note(`${stops.length} stops`);
      // When it answers, what it was told before has been done or never will be. The last stop may swallow the question.
      while (!(await Promise.race([relay(scope, {}, 'traffic'), after(2_000)])));
      await note('it answers');
      for (let n = 1; n <= MESSAGES; n++) if (!accepted.has(n)) tally.skip(n);
      await tally.complete(5_000);
      const {outcome} = tally;
      await note(`${accepted.size} accepted, ${JSON.stringify(outcome)}`);
      for (const n of tally.lost) {
        const time = accepted.get(n);
        if (stops.some(({from, to}) => from < time && time < to)) continue;
        // It was the answer that was posted in that moment.
        const stop = stops.find(({answered, to}) => answered < n && time < to);
        assert.isOk(stop, `${n} is lost`);
        assert.isAtMost(++stop.underway, UNDERWAY, `${n} is lost`);
      }
      assert.deepEqual(outcome.wrong, []);
      await relay(scope, {close: true}, 'traffic');
    },
    {seconds: 90},
  );

  test(
    'a message of the service arrives, both having been stopped',
    async () => {
      const {target, until} = await begin();
      for (let round = 0; round < 5; round++) {
        await stopServiceWorkers();
        const begin = performance.now();
        // A navigation starts the service, which posts; its client sleeps.
        const query = new URLSearchParams({list: `round ${round}`, tell: 'worker', text: `round ${round}`});
        const tab = await openTab(`${new URL('page', target)}?${query}`);
        await take(`round ${round}`);
        await until((data) => data.text === `round ${round}`);
        await note(`arrived after ${(performance.now() - begin) | 0} ms`);
        await tab.close();
      }
    },
    {seconds: 60},
  );

  for (const [what, remove] of Object.entries({
    'is unregistered': unregister,
    'has its data cleared': clear,
    'has its data cleared and is registered again': replace,
  })) {
    test(
      `a client that ${what} while it sleeps: the service is told`,
      async () => {
        const {toldOnce} = await unregistered(`sleeps and ${what}`, true, remove);
        await toldOnce();
      },
      {fresh: remove !== unregister},
    );
  }

  // The news must not depend on what a start does that is stopped before it has done it.
  for (const [what, remove] of Object.entries({'is unregistered': unregister, 'has its data cleared': replace})) {
    const name = `a client that ${what} after a start that only asked for a courier: the service is told`;
    test(
      name,
      async () => {
        const {toldOnce} = await unregistered(name, true, async (scope) => {
          await relay(scope, {hesitate: true});
          await stopServiceWorkers();
          await remove(scope);
        });
        await toldOnce();
      },
      {fresh: true},
    );
  }

  test('a service reaches a client that was stopped, and has since spoken to one of another origin only', async () => {
    const [other, target] = await Promise.all([
      installedAt(origins.own, 'reporting-service'),
      installed('reporting-service'),
    ]);
    const scope = await installedAt(origins.own, 'relaying-client');
    await relay(scope, {connect: `${other}?name=other`}, 'other');
    await relay(scope, {connect: `${target}?name=reached`}, 'reached');
    await stopServiceWorkers();
    const hear = (name) => new Promise((resolve) => (new BroadcastChannel(name).onmessage = resolve));
    const answered = hear('other');
    await relay(scope, {message: {text: 'hello'}}, 'other');
    await answered;
    const heard = hear('reached');
    const query = new URLSearchParams({list: 'list', tell: 'reached', text: 'are you there?'});
    const tab = await openTab(`${new URL('page', target)}?${query}`);
    await take('list');
    assert.equal((await heard).data.text, 'are you there?');
    await tab.close();
    await relay(scope, {close: true}, 'reached');
    await relay(scope, {close: true}, 'other');
  });

  test(
    'a service that is stopped while it hears that a client was unregistered hears of it again',
    async () => {
      const channel = 'stopped while it hears';
      const target = `${await installed('reporting-service')}?${new URLSearchParams({channel, wait: 3_000})}`;
      const scope = await installedAt(origins.own, 'relaying-client');
      await relay(scope, {connect: target});
      await stopServiceWorkers();
      await unregister(scope);
      const {instance} = await take(channel);
      // The bridge has no client any more, and must not be removed before the service has put it down.
      await after(2 * BRIDGE_LINGER);
      await stopServiceWorkers();
      const again = await take(channel);
      assert.equal(again.closed, target);
      assert.notEqual(again.instance, instance);
      assert.deepEqual(await take(channel), {waited: again.instance});
      await bridgeIsGone();
    },
    {fresh: true},
  );

  test(
    'a client that has its data cleared while it runs, and is registered again: the service is told',
    async () => {
      const {toldOnce} = await unregistered('replaced', false, replace);
      await toldOnce();
    },
    {fresh: true},
  );

  test('a client that is unregistered: the service is told when it has something to say', async () => {
    const {target, toldOnce} = await unregistered('speaks');
    const query = new URLSearchParams({list: 'list', tell: 'speaks', text: 'are you there?'});
    const tab = await openTab(`${new URL('page', target)}?${query}`);
    await take('list');
    await toldOnce();
    await tab.close();
  });

  test(
    'a client that has its data cleared while it runs: the service is told, and windows go on',
    async () => {
      const own = await services.connect(await installed('reporting-service'));
      const {toldOnce} = await unregistered('clears', false, clear);
      await note('cleared');
      await toldOnce();
      const answer = new Promise((resolve) => services.addEventListener('message', resolve, {once: true}));
      own.postMessage('still there?');
      assert.equal((await answer).source, own);
      own.close();
    },
    {fresh: true},
  );
}

test('a client that is unregistered while it runs: the service is told', async () => {
  const {toldOnce} = await unregistered('running', false);
  await toldOnce();
});

test('a client that is unregistered: the service is told, by the time that another window opens', async () => {
  const {toldOnce} = await unregistered('silent');
  const query = new URLSearchParams({channel: 'window', service: await installed('reporting-service'), loader});
  const tab = await openTab(`${origins.own}/client.html?${query}`);
  await take('window');
  await toldOnce();
  await tab.close();
});
