/**
 * Workers whose windows have no loader, or lose the one that had it. They are at an origin of which this run has no
 * other window.
 */
import {COURIER_WAIT, TICK} from '/js/limits.js';
import {assert, note, openTab, origins, post, service, stopServiceWorker, take, test} from '../harness.js';

const SLACK = 2_000;

const {crossSite: place} = origins;
const target = `${service.origin}/services/echo-service/`;
let number = 0;

/** Opens a page without the loader, or with it. */
async function openPuppet({loader = false} = {}) {
  const orders = `orders ${number++}`;
  const query = new URLSearchParams({orders});
  if (loader) query.set('loader', `${place}/.well-known/navigator-connect/navigator-connect.js`);
  const tab = await openTab(`${place}/contexts/puppet.html?${query}`);
  return {
    order: (order) => post(orders, order),
    close: () => tab.close(),
  };
}

/** A connection to be made by a worker of this kind. */
const newClient = (kind) => {
  const channel = `${kind} ${number++}`;
  return {channel, connect: {kind, channel, connect: target}, say: (say) => ({kind, channel, say})};
};

async function connected({channel}) {
  assert.equal(await take(channel), 'begun');
  const {connected, took} = await take(channel);
  assert.equal(connected, target);
  return took;
}

const kinds = ['worker', 'sharedworker', 'serviceworker'];

test(
  'no window with the loader: a bounded wait, then AbortError',
  async () => {
    const page = await openPuppet();
    const wait = async (kind) => {
      const client = newClient(kind);
      await page.order(client.connect);
      assert.equal(await take(client.channel), 'begun');
      const {failed, took} = await take(client.channel);
      await note(`${kind}: ${failed} after ${took} ms`);
      assert.equal(failed, 'AbortError');
      assert.isAtLeast(took, COURIER_WAIT);
      assert.isAtMost(took, COURIER_WAIT + TICK + SLACK);
    };
    await Promise.all(kinds.map(wait));
    await page.close();
  },
  {seconds: 40},
);

for (const kind of ['sharedworker', 'serviceworker']) {
  test(`a ${kind} waits for a window with the loader, and takes it`, async () => {
    const page = await openPuppet();
    const client = newClient(kind);
    await page.order(client.connect);
    assert.equal(await take(client.channel), 'begun');
    const later = await openPuppet({loader: true});
    // A shared worker meets the window that opens it.
    await later.order({kind});
    assert.equal((await take(client.channel)).connected, target);
    await page.order(client.say('hello'));
    assert.deepEqual(await take(client.channel), {heard: 'hello'});
    await page.close();
    await later.close();
  });
}

test("a service worker's connection does not depend on the window that made it", async () => {
  const maker = await openPuppet({loader: true});
  const client = newClient('serviceworker');
  await maker.order(client.connect);
  await connected(client);
  await maker.order(client.say('through the maker'));
  assert.deepEqual(await take(client.channel), {heard: 'through the maker'});

  const bare = await openPuppet();
  await maker.close();
  for (let i = 0; i < 20; i++) {
    await bare.order(client.say(`without a window ${i}`));
    assert.deepEqual(await take(client.channel), {heard: `without a window ${i}`});
  }

  const other = await openPuppet({loader: true});
  await other.order(client.say('with another'));
  assert.deepEqual(await take(client.channel), {heard: 'with another'});
  await bare.close();
  await other.close();
});

test(
  "a service worker's connection outlives both workers, where only a window of another making is left",
  async () => {
    const maker = await openPuppet({loader: true});
    const client = newClient('serviceworker');
    await maker.order(client.connect);
    await connected(client);
    const other = await openPuppet({loader: true});
    await maker.close();
    for (const [what, url] of Object.entries({service: service.origin, client: place})) {
      await stopServiceWorker(url);
      await other.order(client.say(`after the ${what} was stopped`));
      assert.deepEqual(await take(client.channel), {heard: `after the ${what} was stopped`});
    }
    await other.close();
  },
  {fails: {firefox: 'its driver stops no worker of one origin', webkit: 'its driver stops no worker'}},
);
