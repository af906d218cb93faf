/**
 * What an application posts while its page goes, to a worker that was stopped, is delivered to its next start; what an
 * engine makes impossible stands in the README, with how often it is lost.
 */
import {assert, embed, facts, note, origins, service, stopServiceWorkers, take, test} from '../harness.js';
import {snapshotOnce} from '../cases/connect-helpers.js';
import {elsewhere, embedded, heard, opened, saidBy} from '../cases/last-words-helpers.js';

/** How often each is tried. */
const TIMES = 4;

const ways = {
  'the page is navigated': {begin: opened, go: (it) => it.tab.navigate(elsewhere)},
  'the page is navigated to another site': {
    begin: opened,
    go: (it) => it.tab.navigate(`${origins.crossSite}/frame.html`),
  },
  'the page goes into the cache': {
    begin: opened,
    go: (it) => it.tab.navigate(elsewhere),
    types: 'pagehide visibilitychange',
  },
  'the tab is closed': {begin: opened, go: (it) => it.tab.close()},
  'the frame is removed': {begin: embedded, go: (it) => it.frame.remove()},
  'the frame is navigated': {begin: embedded, go: (it) => (it.frame.src = elsewhere)},
};

/** Has the worker stopped. The registry, which notices, tells the windows first. */
async function stopped() {
  // Firefox, with the idle time that it is given here, stops it by itself.
  if (facts.engine === 'chromium') await stopServiceWorkers();
  const frame = await embed(service.origin);
  await snapshotOnce(frame, ({contexts}) => contexts.every(({kind}) => kind !== 'serviceworker'));
  frame.remove();
}

/** How many of TIMES are heard whole at least; and fewer, where an engine lets nothing reach a worker that is stopped. */
const RATE = TIMES - 1;
const fewer = {
  'chromium/cross-site': {'the tab is closed': 0},
  'firefox/same-site': {'the page goes into the cache': 0, 'the tab is closed': 0, 'the frame is removed': 0},
  'firefox/cross-site': {'the tab is closed': 0, 'the frame is removed': 0},
  'firefox/same-origin': {'the page goes into the cache': 0, 'the tab is closed': 0, 'the frame is removed': 0},
};

/** Those of `said` that `all` has, each in its turn. */
function inOrder(said, all) {
  const rest = [...all];
  return said.filter((what) => what === rest[0] && rest.shift());
}

/** So long at most a worker is waited for that nobody may have started: then another client does. */
const PATIENCE = 3_000;

/** What is heard of a client until its end, at the latest when the worker is started by another. */
async function heardInTheEnd(it) {
  const all = heard(it);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE, 'late'));
  if ((await Promise.race([all, patience])) === 'late') (await embedded({})).frame.remove();
  return all;
}

for (const [way, {begin, go, types}] of Object.entries(ways)) {
  test(
    way,
    async () => {
      let whole = 0;
      for (let n = 0; n < TIMES; n++) {
        const it = await begin({types});
        await stopped();
        await go(it);
        const all = await heardInTheEnd(it);
        const said = saidBy(it);
        await note(`heard ${all.length} of ${said.length}`);
        if (all.length > 0 && all.length === said.length) whole++;
        // In order, in any case. Of what is said while a tab is closed, Firefox does not keep what a page keeps.
        if (said.length > 0) assert.deepEqual(all, inOrder(said, all));
        if (it.frame) it.frame.remove();
        else if (way !== 'the tab is closed') await it.tab.close();
      }
      assert.isAtLeast(whole, fewer[`${facts.engine}/${facts.client}`]?.[way] ?? RATE);
    },
    {seconds: 90},
  );
}
