/** In a service worker the loader imports the rest of itself, from where it is from. */
import {assert, embed, fault, installed, origins, service, test} from '../harness.js';

const folder = '/.well-known/navigator-connect/';
const loader = `${service.origin}${folder}navigator-connect.js`;

let number = 0;

/**
 * Installs a worker of this source at an origin.
 *
 * @param {string} origin
 * @param {string} body
 * @param {Record<string, string>} [headers]
 * @returns {Promise<string>} what the worker has in place of `navigator.services`
 */
async function install(origin, body, headers) {
  const path = `/parts/${number++}/`;
  const answer = 'onmessage = ({source}) => source.postMessage({heard: `${navigator.services}`});';
  await fault(`${origin}${path}sw.js`, {
    body: `${body}\n${answer}`,
    headers: {'Content-Type': 'text/javascript', ...headers},
  });
  const frame = await embed(origin);
  try {
    await frame.ask('install', {script: `${path}sw.js`, scope: path});
    return await frame.ask('what the worker has', {scope: `${origin}${path}`});
  } finally {
    frame.remove();
  }
}

const works = async (...what) => assert.equal(await install(...what), '[object ServicePortCollection]');

test('a service worker of an origin without the folder takes the loader from another', () =>
  works(origins.bare, `importScripts('${loader}');`));

test("a copy of the loader under another name takes the rest from its origin's folder", async () => {
  const body = await (await fetch(`${folder}navigator-connect.js`)).text();
  await fault(`${service.origin}/copy.js`, {body, headers: {'Content-Type': 'text/javascript'}});
  await works(service.origin, "importScripts('/copy.js');");
  await works(service.origin, body);
});

test('a service worker may import what it needs alone', () =>
  works(service.origin, `importScripts('${folder}navigator-connect-service-worker.js');`));

test('the loader works where nothing tells where it is from', () =>
  works(service.origin, `Error.stackTraceLimit = 0; importScripts('${loader}');`));

test('a worker under a strict Content-Security-Policy with Trusted Types', () =>
  works(
    service.origin,
    `const own = {createScriptURL: (url) => url};
     const policy = globalThis.trustedTypes?.createPolicy('own', own) ?? own;
     importScripts(policy.createScriptURL('${folder}navigator-connect.js'));`,
    {
      'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; connect-src 'self'; " +
        "require-trusted-types-for 'script'; trusted-types own navigator-connect",
    },
  ));

test('without the rest of its loader no worker is installed, and the console says what is missing', async () => {
  await fault(`${service.origin}${folder}navigator-connect-service-worker.js`, {status: 404, body: ''});
  const error = await install(service.origin, `importScripts('${loader}');`).catch((error) => error);
  assert.instanceOf(error, Error);
  // One that catches the error is installed, and tells what else would be on its console.
  const said = await install(
    service.origin,
    `const said = [];
     console.error = (text) => said.push(text);
     try {
       importScripts('${loader}');
     } catch ({name}) {
       said.push(name);
     }
     navigator.services = {toString: () => said.join('; ')};`,
  );
  assert.match(said, /navigator-connect-service-worker\.js could not be imported.*; NetworkError$/);
});

test('the module touches no globals until install() is called, and the second call does nothing', async () => {
  const frame = document.createElement('iframe');
  frame.src = '/frame.html';
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  const window = /** @type {any} */ (frame.contentWindow);
  /** What there is to patch. */
  const look = () =>
    [window, window.navigator, window.Navigator.prototype, window.MessagePort.prototype].flatMap((object, i) =>
      Reflect.ownKeys(object).map((key) => {
        const {value, get} = Object.getOwnPropertyDescriptor(object, key);
        return [`${i} ${String(key)}`, value ?? get];
      }),
    );
  /** The names of what differs. */
  const changed = (before, after) => {
    const known = new Map(before);
    return after
      .filter(([name, value]) => !known.has(name) || !Object.is(known.get(name), value))
      .map(([name]) => name);
  };
  const untouched = look();
  const module = await new window.Function('url', 'return import(url)')(`${folder}navigator-connect.mjs`);
  assert.deepEqual(changed(untouched, look()), []);
  module.install();
  const installedOnce = look();
  const names = ['0 ServicePort', '0 ServicePortCollection', '0 Worker', '2 services', '2 connect'];
  assert.includeMembers(changed(untouched, installedOnce), names);
  const {services} = window.navigator;
  module.install();
  assert.deepEqual(changed(installedOnce, look()), []);
  assert.equal(window.navigator.services, services);
  (await services.connect(await installed('echo-service'))).close();
  frame.remove();
});

test('it loads without an error in a sandboxed frame, which has neither workers nor a database', async () => {
  const frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts';
  frame.srcdoc = `<script>
    const errors = [];
    onerror = (message) => errors.push(message);
    onunhandledrejection = ({reason}) => errors.push(String(reason));
  </script>
  <script src="${loader}"></script>
  <script>
    const say = () => parent.postMessage({services: String(navigator.services), errors}, '${origins.own}');
    // By then the loader has asked the same.
    (async () => indexedDB.databases())().catch(() => {}).then(() => setTimeout(say));
  </script>`;
  const said = new Promise((resolve) => {
    const listener = ({source, data}) => {
      if (source !== frame.contentWindow || !data.errors) return;
      removeEventListener('message', listener);
      resolve(data);
    };
    addEventListener('message', listener);
  });
  document.body.append(frame);
  assert.deepEqual(await said, {services: '[object ServicePortCollection]', errors: []});
  frame.remove();
});
