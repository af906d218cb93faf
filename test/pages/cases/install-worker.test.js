/** installWorker: what an origin says of its services, and what comes of it. */
import {assert, embed, facts, fault, loader, openTab, origins, partitioned, service, take, test} from '../harness.js';
import {ask, rejects, services} from './connect-helpers.js';

const connect = (url) => services.connect(url, {installWorker: true});

/** The script of the service worker that answers at `url`. */
const scriptAt = async (url) => {
  const port = await connect(url);
  const found = await ask(port, '?script');
  port.close();
  return found;
};

let number = 0;

/** A directory of its own, with a service worker `sw.js` in it that nothing names. */
async function directory(body = `importScripts('/services/echo-service.js');`) {
  const path = `/install/${number++}/`;
  const url = `${service.origin}${path}`;
  await fault(`${url}sw.js`, {body, headers: {'Content-Type': 'text/javascript'}});
  return {path, url, script: `${url}sw.js`};
}

const byHeaders = (url, script, scope) =>
  fault(url, {headers: {'Service-Worker-Script': script, ...(scope !== undefined && {'Service-Worker-Scope': scope})}});

const byFile = (content) =>
  fault(`${service.origin}/.well-known/navigator-connect/services.json`, {
    body: typeof content === 'string' ? content : JSON.stringify({services: content}),
  });

test('Service-Worker-Script and -Scope', async () => {
  const {path, url, script} = await directory();
  await byHeaders(`${url}x/y`, `${path}sw.js`, `${path}x/`);
  assert.equal(await scriptAt(`${url}x/y`), script);
  // It stays, for URLs that say nothing, and without being asked for.
  (await services.connect(`${url}x/z`)).close();
  await rejects(services.connect(url), 'AbortError');
});

test('URLs in headers are relative to the answer', async () => {
  const {url, script} = await directory();
  await byHeaders(`${url}x/y`, '../sw.js', '.');
  assert.equal(await scriptAt(`${url}x/y`), script);
  await rejects(services.connect(url), 'AbortError');
});

test("the scope is the script's directory by default", async () => {
  const {url, script} = await directory();
  await byHeaders(`${url}x/y`, '../sw.js');
  assert.equal(await scriptAt(`${url}x/y`), script);
  (await services.connect(url)).close();
});

const links = {
  'as in the standard': (path) => `<${path}sw.js>; rel="serviceworker"; scope="${path}"`,
  'without a scope': () => `<sw.js>; rel=serviceworker`,
  'among other links, parameters and spellings': (path) =>
    `</a,b;c>; rel="preload"; title="a \\"b\\", <c>; rel=serviceworker", ` +
    `<${path}sw.js>;crossorigin ; REL="x  ServiceWorker";Scope=${path};scope="/", </other.js>; rel=serviceworker`,
};
for (const [spelling, link] of Object.entries(links)) {
  test(`Link, ${spelling}`, async () => {
    const {path, url, script} = await directory();
    await fault(url, {headers: {Link: link(path)}});
    assert.equal(await scriptAt(url), script);
  });
}

test('headers count on a 404, too', async () => {
  const {path, url, script} = await directory();
  await fault(`${url}none`, {status: 404, headers: {'Service-Worker-Script': `${path}sw.js`}});
  assert.equal(await scriptAt(`${url}none`), script);
});

test('services.json: the longest scope counts, the directory is the default', async () => {
  const {path, url, script} = await directory();
  await byFile([
    {script: `${path}sw.js`},
    {scope: `${path}longer/`, script: `${path}sw.js?longer`},
    {scope: `${path}longer/elsewhere/`, script: `${path}sw.js?elsewhere`},
  ]);
  assert.equal(await scriptAt(`${url}longer/x`), `${script}?longer`);
  assert.equal(await scriptAt(`${url}x`), script);
});

test('services.json: URLs are relative to it, and the type may be module', async () => {
  const {path, url} = await directory(`import '/services/module-echo-service.js';`);
  await byFile([{scope: `../..${path}`, script: `../..${path}sw.js`, type: 'module'}]);
  assert.equal(await scriptAt(url), `${service.origin}/services/module-echo-service.js`);
});

test('headers count before services.json', async () => {
  const {path, url, script} = await directory();
  await byFile([{script: `${path}sw.js?file`}]);
  await byHeaders(url, `${path}sw.js`);
  assert.equal(await scriptAt(url), script);
});

test('what covers the URL is connected to, whatever the origin says', async () => {
  const {path, url, script} = await directory();
  await byHeaders(url, `${path}sw.js`);
  await byHeaders(`${url}below/x`, `${path}sw.js?another`, `${path}below/`);
  assert.equal(await scriptAt(url), script);
  assert.equal(await scriptAt(`${url}below/x`), script);
});

test('many attempts at once install one worker', async () => {
  const {path, url} = await directory();
  await byHeaders(url, `${path}sw.js`);
  const ports = await Promise.all(Array.from({length: 10}, () => connect(url)));
  await Promise.all(ports.map((port) => ask(port, 'hello')));
  for (const port of ports) port.close();
});

test('nothing is installed unless asked for', async () => {
  const {path, url} = await directory();
  await byHeaders(url, `${path}sw.js`);
  const attempts = [services.connect(url), services.connect(url, {installWorker: undefined})];
  await Promise.all(attempts.map((attempt) => rejects(attempt, 'AbortError')));
});

test('what a first-party page has installed is found, unless the storage is partitioned', async () => {
  const {url} = await directory();
  await byHeaders(url, 'sw.js');
  const channel = crypto.randomUUID();
  const query = new URLSearchParams({service: url, install: '', channel, loader});
  const tab = await openTab(`${service.origin}/client.html?${query}`);
  assert.equal(await take(channel), 'connected');
  if (partitioned) {
    await rejects(services.connect(url), 'AbortError');
    assert.equal(await scriptAt(url), `${url}sw.js`);
  } else {
    (await services.connect(url)).close();
  }
  await tab.close();
});

const failures = {
  'nothing names a worker': async () => {},
  'the script is of another origin': ({url, path}) => byHeaders(url, `${origins.bare}${path}sw.js`, path),
  'the scope is of another origin': ({url, path}) => byHeaders(url, 'sw.js', `${origins.bare}${path}`),
  'the scope does not cover the URL': ({url}) => byHeaders(url, 'sw.js', 'below/'),
  'the scope is above the script': ({url}) => byHeaders(url, 'sw.js', '/install/'),
  'the scope is no URL': ({url}) => byHeaders(url, 'sw.js', 'http://['),
  'the script is no URL': ({url}) => byHeaders(url, 'http://['),
  'the script is missing': ({url}) => byHeaders(url, 'none.js'),
  'the script is no JavaScript': ({url}) => byHeaders(url, '/navigator-services.webidl', '/install/'),
  'the script throws': async ({url, script}) => {
    await fault(script, {body: `throw new Error('it does not start');`, headers: {'Content-Type': 'text/javascript'}});
    await byHeaders(url, 'sw.js');
  },
  'its installation fails': async ({url, script}) => {
    const body = `addEventListener('install', (event) => event.waitUntil(Promise.reject(new Error('it fails'))));`;
    await fault(script, {body, headers: {'Content-Type': 'text/javascript'}});
    await byHeaders(url, 'sw.js');
  },
  'the URL redirects to another origin': ({url, path}) =>
    fault(url, {status: 302, headers: {Location: `${origins.bare}${path}`, 'Service-Worker-Script': 'sw.js'}}),
};

const fileFailures = {
  'services.json names a script of another origin': ({path}) =>
    byFile([{scope: path, script: `${origins.bare}${path}sw.js`}]),
  'services.json is no JSON': () => byFile('services:'),
  'services.json has another shape': () => byFile('{"service": []}'),
  'services.json names no URL': () => byFile([{script: 'http://['}]),
};
/**
 * Fails to connect to a place that `arrange` has arranged.
 *
 * @returns {Promise<() => Promise<void>>} checks what it left behind, where it can be seen: in a page of the origin
 */
async function failing(arrange) {
  const place = await directory();
  await arrange(place);
  const warnings = [];
  const {warn} = console;
  console.warn = (...args) => {
    warnings.push(args.join(' '));
    warn.apply(console, args);
  };
  await rejects(connect(place.url), 'AbortError');
  return async () => {
    if (service.origin !== origins.own) return;
    assert.isTrue(
      warnings.some((warning) => warning.includes(place.url)),
      `the console says why: ${warnings}`,
    );
    assert.isUndefined(await navigator.serviceWorker.getRegistration(place.url));
  };
}

// Another origin's refusals come on one-second ticks: all attempts at once, then a case for each.
let attempts;
for (const what of Object.keys(failures)) {
  test(`${what}: AbortError, and nothing stays installed`, async () => {
    attempts ??= Promise.allSettled(Object.values(failures).map(failing));
    const outcome = (await attempts)[Object.keys(failures).indexOf(what)];
    if (outcome.status === 'rejected') throw outcome.reason;
    await outcome.value();
  });
}
for (const [what, arrange] of Object.entries(fileFailures)) {
  test(`${what}: AbortError, and nothing stays installed`, async () => (await failing(arrange))());
}

// Once is enough: in every kind of global it is the bridge that waits.
if (facts.kind === 'window') {
  test(
    'a worker without navigator-connect is installed, and does not answer: AbortError',
    async () => {
      const {url} = await directory(`importScripts('/services/mute-service.js');`);
      await byHeaders(url, 'sw.js');
      await rejects(connect(url), 'AbortError');
      const frame = await embed(service.origin);
      assert.include(await frame.ask('scopes'), url);
      frame.remove();
    },
    // It may be slow to start: 15 seconds are left to it.
    {seconds: 40},
  );
}
