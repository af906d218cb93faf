/** What an application posts while its page goes is delivered, and then `close`. */
import {assert, facts, note, origins, take, test} from '../harness.js';
import {elsewhere, embedded, heard, opened, saidBy} from './last-words-helpers.js';

async function allHeard(it) {
  const all = await heard(it);
  const said = saidBy(it);
  await note(`heard ${all.length} of ${[...new Set(said.map((what) => what.split(' ')[0]))]}`);
  assert.isAbove(said.length, 0);
  assert.deepEqual(all, said);
}

/**
 * The same where a tab is closed. Firefox may end scripts in the middle of what they do then, and does so rather in the
 * first listener; nor does it keep what they keep. What it lets be said is heard, in order.
 */
async function allHeardOfTheClosed(it) {
  if (facts.engine !== 'firefox') return allHeard(it);
  const all = await heard(it);
  await note(`heard ${all}`);
  const possible = ['pagehide', 'visibilitychange', 'unload'].flatMap((type) => [`${type} 1`, `${type} 2`]);
  assert.isNotEmpty(all);
  assert.deepEqual(
    all,
    possible.filter((what) => all.includes(what)),
  );
}

for (const kind of ['service', 'native']) {
  for (const order of ['before', 'after']) {
    const how = {kind, order};
    const name = `${kind} port, listeners ${order} the loader`;
    test(`${name}: the page is navigated`, async () => {
      const it = await opened(how);
      await it.tab.navigate(elsewhere);
      await allHeard(it);
      await it.tab.close();
    });
    test(`${name}: the tab is closed`, async () => {
      const it = await opened(how);
      await it.tab.close();
      await allHeardOfTheClosed(it);
    });
    test(`${name}: the frame is removed`, async () => {
      const it = await embedded(how);
      it.frame.remove();
      await allHeard(it);
    });
    test(`${name}: the frame is removed, and has much to say`, async () => {
      const it = await embedded({...how, each: 40});
      it.frame.remove();
      await allHeard(it);
    });
    test(`${name}: it posts and goes in the same task`, async () => {
      const it = await embedded(how);
      it.frame.contentWindow.postMessage({url: elsewhere, count: 200}, origins.own);
      await allHeard(it);
      it.frame.remove();
    });
    test(`${name}: it goes into the cache`, async () => {
      const it = await opened({...how, types: 'pagehide visibilitychange'});
      await it.tab.navigate(elsewhere);
      await allHeard(it);
      await it.tab.back();
      await note(`${await take(it.channel)}`);
      await it.tab.close();
    });
  }
}
