/** How soon a service hears that its client has gone, where a lock tells. */
import {assert, facts, note, origins, take, test} from '../harness.js';
import {embedded, ended, newClient, opened} from '../cases/leaving-helpers.js';

const ROUNDS = 4;
/** Milliseconds after the client's global has ended. */
const PROMPT = 200;
/** js/limits.js: who has not said that it leaves may have lost no more than its bridge. */
const HERE = 2_000;

/** Makes a client in a tab of its own. */
const inTab = (kind, leave) => async () => {
  const client = newClient(kind);
  const tab = await opened(client);
  return {client, leave: () => leave(tab)};
};

/** What makes a client of some kind, and has it leave. */
const ways = {
  'a page is closed': inTab('window', (tab) => tab.close()),
  'a page is navigated': inTab('window', (tab) => tab.navigate(`${origins.own}/frame.html`)),
  'a frame is removed': async () => {
    const client = newClient('window');
    const frame = await embedded(client);
    return {client, leave: () => frame.remove()};
  },
  'a worker is terminated': async () => {
    const client = newClient('worker');
    const frame = await embedded(client);
    return {client, leave: () => frame.contentWindow.postMessage('terminate', origins.own)};
  },
};
/** Those in which nobody can say so. */
const silent = {'the last page of a shared worker is closed': inTab('sharedworker', (tab) => tab.close())};
// Firefox may end this page with it, and WebKit's driver does no more after one.
if (facts.engine === 'chromium') silent['a page crashes'] = inTab('window', (tab) => tab.crash());

for (const [what, make] of Object.entries({...ways, ...silent})) {
  // Timers that come a little late count as those that do not.
  const bound = PROMPT + (what in silent ? 1.25 * HERE : 0);
  test(`${what}: the service hears of it within ${bound} ms`, async () => {
    const times = [];
    for (let i = 0; i < ROUNDS; i++) {
      const {client, leave} = await make();
      const end = ended(client);
      await leave();
      const {closed, at} = await take(client.channel);
      assert.equal(closed, client.target);
      times.push(at - (await end));
    }
    await note(`after ${times.join(', ')} ms`);
    assert.isAtMost(Math.max(...times), bound);
  });
}
