/** A client that leaves, however it does, is told to the service exactly once; and a service to its client. */
import {
  ask,
  assert,
  embed,
  facts,
  installed,
  loader,
  note,
  openTab,
  origins,
  partitioned,
  post,
  service,
  take,
  test,
} from '../harness.js';
import {next, services} from './connect-helpers.js';
import {connected, embedded, ended, newClient, opened} from './leaving-helpers.js';

/**
 * What the service may take to hear of it, where a lock tells: 200 ms with the machine to itself, see
 * times/leaving.test.js. What is held here, beside other tests, is that nobody waited for anything else.
 */
const PROMPT = 1_000;
/** js/limits.js, with timers a quarter late: who could not say that it leaves may have lost no more than its bridge. */
const SILENT = PROMPT + 1.25 * 2_000;

const scope = await installed('reporting-service');

/**
 * Asserts that the service has heard of a client's end once, and in time. A client after it that comes and goes shows
 * that nothing more was on its way.
 */
async function closedOnce(client, end, bound = PROMPT) {
  const {closed, at} = await take(client.channel);
  assert.equal(closed, client.target);
  const took = at - (await end);
  await note(`the service heard of it after ${took} ms`);
  assert.isAtMost(took, bound);
  const later = newClient('window');
  const frame = await embedded(later);
  frame.remove();
  await take(later.channel);
  await post(client.channel, 'nothing more');
  assert.equal(await take(client.channel), 'nothing more');
}

/** Has a client in a tab of its own leave. */
async function leaving(kind, leave, bound) {
  const client = newClient(kind);
  const tab = await opened(client);
  const end = ended(client);
  await leave(tab);
  await closedOnce(client, end, bound);
}

test('the page is closed', () => leaving('window', (tab) => tab.close()));
test('the page of a dedicated worker is closed', () => leaving('worker', (tab) => tab.close(), SILENT));
test('the page is navigated', () => leaving('window', (tab) => tab.navigate(`${origins.own}/frame.html`)));
test('the page is navigated to another origin', () =>
  leaving('window', (tab) => tab.navigate(`${origins.crossSite}/frame.html`)));
test('the last page of a shared worker is closed', () => leaving('sharedworker', (tab) => tab.close(), SILENT));

test('the frame is removed', async () => {
  const client = newClient('window');
  const frame = await embedded(client);
  const end = ended(client);
  frame.remove();
  await closedOnce(client, end);
});

test('the frame is navigated', async () => {
  const client = newClient('window');
  const frame = await embedded(client);
  const end = ended(client);
  frame.src = `${origins.own}/frame.html`;
  await closedOnce(client, end);
  frame.remove();
});

test('a dedicated worker is terminated', async () => {
  const client = newClient('worker');
  const frame = await embedded(client);
  const end = ended(client);
  frame.contentWindow.postMessage('terminate', origins.own);
  await closedOnce(client, end);
  frame.remove();
});

test(
  'a page that is shown again finds its ports closed',
  async () => {
    const client = newClient('window');
    // A lock of the page's own would keep it out of the cache in Firefox.
    const tab = await openTab(`${client.url}&unlocked`);
    await connected(client);
    await tab.navigate(`${origins.own}/frame.html`);
    await closedOnce(client, Date.now());
    await tab.back();
    const shown = await take(client.channel);
    if (shown !== 'shown again')
      assert.fail(`not kept in the cache: ${JSON.stringify([shown, await take(client.channel)])}`);
    assert.equal(await take(`${client.channel} here`), client.target);
  },
  {
    fails: {
      firefox: 'it loads the page anew: the lock of the connection, held until then, keeps it out of the cache',
    },
  },
);

test(
  'a page that is shown again finds its attempts to connect failed',
  async () => {
    const {channel} = newClient('window');
    const begun = `${channel} begun`;
    const patience = new URLSearchParams({in: 'respondWith', seconds: 60, channel: begun});
    const target = `${await installed('patient-service')}?${patience}`;
    const query = new URLSearchParams({kind: 'window', channel, service: target, loader, unlocked: '', attempt: ''});
    const tab = await openTab(`${origins.own}/client.html?${query}`);
    // One by each draft's means.
    await take(begun);
    await take(begun);
    const elsewhere = newClient('window');
    await tab.navigate(elsewhere.url);
    await connected(elsewhere);
    await tab.back();
    const shown = await take(channel);
    if (shown !== 'shown again') assert.fail(`not kept in the cache: ${JSON.stringify(shown)}`);
    assert.deepEqual(await take(`${channel} attempts`), ['AbortError', 'AbortError']);
  },
  {
    fails: {
      firefox: 'it loads the page anew: the lock of the attempts, held until then, keeps it out of the cache',
    },
  },
);

// A page of the service's own origin has no frame.
if (service.origin !== origins.own) {
  const removals = {
    "removes the bridge's frame": (document) => document.querySelector('iframe').remove(),
    'empties its document': (document) => document.documentElement.replaceChildren(),
    'writes another document': (document) => {
      document.open();
      document.write('<!doctype html><p>Another one');
      document.close();
    },
  };
  for (const kind of ['window', 'worker', 'sharedworker']) {
    for (const [what, remove] of Object.entries(removals)) {
      test(`a ${kind}'s page ${what}: it stays connected, and the next attempt works`, async () => {
        const client = newClient(kind);
        const frame = await embedded(client);
        const {contentDocument, contentWindow} = frame;
        remove(contentDocument);
        const later = newClient(kind);
        const port = await contentWindow.navigator.services.connect(later.target);
        port.close();
        assert.equal((await take(later.channel)).closed, later.target);
        const end = ended(client);
        frame.remove();
        // A document that was written has none of our listeners.
        await closedOnce(client, end, SILENT);
      });
    }
  }
}

// Firefox lets the worker idle first: pages/survival has the case there, with an idle time of a second.
if (facts.engine !== 'firefox') {
  test('the service is unregistered', async () => {
    const port = await services.connect(scope);
    const closed = next('close', ({source}) => source === port);
    const frame = await embed(service.origin);
    await frame.ask('uninstall', {scope});
    await closed;
    frame.remove();
    assert.notInclude(await services.matchAll(), port);
    await installed('reporting-service');
  });
}

test(
  "the service's data is cleared",
  async () => {
    const port = await services.connect(scope);
    const closed = next('close', ({source}) => source === port);
    const {protocol, hostname} = new URL(origins.own);
    await ask('clear-data', {key: `${service.origin}/${partitioned ? `^0${protocol}//${hostname}` : ''}`});
    await closed;
    assert.notInclude(await services.matchAll(), port);
    await installed('reporting-service');
  },
  {fails: {firefox: 'its driver has no command for it', webkit: 'its driver has no command for it'}},
);

// The last, since WebKit's driver does no more after it.
test('the page crashes', () => leaving('window', (tab) => tab.crash(), SILENT));
