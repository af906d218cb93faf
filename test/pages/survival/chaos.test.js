/**
 * Clients and workers that come, converse and are killed, as a seed has it. What an engine's driver can't kill, it stops
 * by itself, as Firefox does workers, or the case ends, as it does the registry; or it lives on.
 */
import {
  ask,
  assert,
  embed,
  facts,
  fault,
  installed,
  loader,
  note,
  openTab,
  origins,
  post,
  seed,
  service,
  stopServiceWorkers,
  take,
  test,
} from '../harness.js';
import {after, seeded} from './tally.js';

const seconds = Number(facts.seconds);
const DOUBLED_PER_STOP = 64;
/** Whether the driver kills all that there is. */
const killsAll = facts.engine === 'chromium';

test(
  'pages, frames, workers and the registry are killed: what lives loses nothing',
  async () => {
    const random = seeded(seed);
    const inFrame = async (name, params) => {
      const frame = await embed(service.origin);
      const answer = await frame.ask('call', {module: '/survival/end-registry.js', name, params});
      frame.remove();
      return answer;
    };
    if (!killsAll) {
      await fault(`${service.origin}/.well-known/navigator-connect/registry.js`, {
        headers: {'Content-Type': 'text/javascript'},
        body: await inFrame('script'),
      });
    }
    const scope = await installed('reporting-service');
    const chaos = new BroadcastChannel('chaos');

    /** The clients that live, with what is known of them, and those that were killed. */
    const clients = new Map();
    const killed = new Map();
    const pages = new Map();
    let changed = Promise.withResolvers();
    chaos.onmessage = ({data: {name, ...news}}) => {
      Object.assign(clients.get(name) ?? killed.get(name) ?? {}, news);
      if (news.killed) killed.get(news.killed).dead = true;
      changed.resolve();
      changed = Promise.withResolvers();
    };
    const until = async (fits) => {
      while (!fits()) await changed.promise;
    };
    const kill = (name) => {
      killed.set(name, clients.get(name));
      clients.delete(name);
    };
    const pick = (list) => list[Math.floor(random() * list.length)];

    let last = 0;
    const deeds = {
      async open() {
        if (pages.size >= 4) return false;
        const name = `page ${++last}`;
        const target = `${scope}?channel=closed&client=${name}`;
        const query = new URLSearchParams({name, service: target, loader, seed: seed + last, parts: ''});
        for (const part of ['', ' frame', ' worker']) clients.set(name + part, {});
        pages.set(name, await openTab(`${origins.own}/survival/chaos-client.html?${query}`));
      },
      async close() {
        return leave((tab) => tab.close());
      },
      async crash() {
        return leave((tab) => tab.crash());
      },
      async part() {
        const name = pick(
          [...clients.keys()].filter((name) => / (frame|worker)$/.test(name) && clients.get(name).connected),
        );
        if (!name) return false;
        const client = clients.get(name);
        kill(name);
        chaos.postMessage({kill: name});
        await until(() => client.dead);
      },
      stop: () => stopServiceWorkers(),
      registry: () => (killsAll ? ask('end-shared-workers') : inFrame('end', {what: pick(['worker', 'program'])})),
    };
    const chosen = ['open', 'open', 'close', 'part', 'registry'];
    // A crash in Firefox may end this page's process, too, and WebKit's driver does no more after one.
    if (killsAll) chosen.push('crash', 'stop', 'stop');
    async function leave(how) {
      // One page at least stays, as it would for a person.
      const name = pick([...pages.keys()].slice(1));
      if (!name) return false;
      await how(pages.get(name));
      pages.delete(name);
      for (const part of ['', ' frame', ' worker']) if (clients.has(name + part)) kill(name + part);
    }

    const counts = Object.fromEntries(chosen.map((deed) => [deed, 0]));
    const begin = performance.now();
    await deeds.open();
    while (performance.now() - begin < 1_000 * seconds) {
      const deed = pick(chosen);
      if ((await deeds[deed]()) !== false) counts[deed]++;
      await after(1_500 * random());
    }

    await until(() => [...clients.values()].every(({connected}) => connected));
    chaos.postMessage('finish');
    await until(() => [...clients.values()].every(({outcome}) => outcome));
    const outcomes = [...clients].map(([name, {outcome}]) => ({name, ...outcome}));
    const sum = (field) => outcomes.reduce((sum, outcome) => sum + outcome[field], 0);
    await note(
      `${JSON.stringify(counts)}; ${clients.size} clients lived: ${sum('posted')} messages, ${sum('doubled')} doubled`,
    );
    await note(JSON.stringify(outcomes));
    // Each start of the worker but the first, where nobody counts how often it is stopped.
    const stops = killsAll ? counts.stop : Math.max(...outcomes.map(({starts}) => starts)) - 1;
    for (const {name, lost, wrong, doubled} of outcomes) {
      assert.deepEqual({name, lost, wrong}, {name, lost: [], wrong: []});
      assert.isAtMost(doubled, DOUBLED_PER_STOP * stops);
    }
    for (const [name, {closed}] of clients) assert.isFalse(closed, `${name} was told that the service has left`);
    for (const [name, {wrong}] of killed) assert.isUndefined(wrong, name);

    // Those that finished have closed their ports, the others were killed: the service has heard it of each.
    const expected = new Map([...clients, ...killed].map(([name, client]) => [name, {name, ...client, heard: []}]));
    const clientOf = (heard) => expected.get(new URL(heard.closed).searchParams.get('client'));
    const missing = () =>
      [...expected.values()].filter(
        ({connected, heard}) => connected && !heard.some(({closed}) => closed === connected),
      );
    while (missing().length > 0) {
      const heard = await Promise.race([take('closed'), after(30_000)]);
      if (!heard) break;
      clientOf(heard).heard.push(heard);
    }
    assert.deepEqual(
      missing().map(({name}) => name),
      [],
      'the service has not heard of their end',
    );
    await post('closed', {closed: scope, at: 0});
    for (;;) {
      const heard = await take('closed');
      if (heard.closed === scope) break;
      clientOf(heard).heard.push(heard);
    }
    const ends = Object.values(
      Object.groupBy(
        [...expected.values()].flatMap(({heard}) => heard),
        ({closed}) => closed,
      ),
    );
    const twice = ends.filter((heard) => heard.length > 1);
    await note(`${killed.size} were killed; the service heard of ${twice.length} twice`);
    // Twice only where the worker was stopped while it handled the first.
    for (const heard of twice) {
      assert.equal(new Set(heard.map(({instance}) => instance)).size, heard.length, JSON.stringify(heard));
    }
    if (killsAll) assert.isAtMost(twice.length, counts.stop);
    for (const [name, tab] of pages) await tab.close();
  },
  {seconds: seconds + 120},
);
