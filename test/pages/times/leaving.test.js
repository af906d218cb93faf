/** How soon a service hears that its client has gone, where a lock tells. */
import {assert, note, origins, take, test} from '../harness.js';
import {embedded, ended, newClient, opened} from '../cases/leaving-helpers.js';

const ROUNDS = 5;
/** Milliseconds after the client's global has ended. */
const PROMPT = 200;

/** What makes a client of some kind, and has it leave. */
const ways = {
  'a page is closed': async () => {
    const client = newClient('window');
    const tab = await opened(client);
    return {client, leave: () => tab.close()};
  },
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

for (const [what, make] of Object.entries(ways)) {
  test(`${what}: the service hears of it within ${PROMPT} ms`, async () => {
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
    assert.isAtMost(Math.max(...times), PROMPT);
  });
}
