/** How the loader gets into a global: by its parts and forms, and where it has nothing to do, or to work with. */
import {assert, embed, facts, fault, installed, origins, service, test} from '../harness.js';

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
  assert.match(said, /navigator-connect-service-worker\.js did not load.*; NetworkError$/);
});

/** A frame of this origin without the loader, and what there is to patch in it: names, and what stands there. */
async function bareFrame() {
  const frame = document.createElement('iframe');
  frame.src = '/frame.html';
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  const window = /** @type {any} */ (frame.contentWindow);
  const look = () =>
    [window, window.navigator, window.Navigator.prototype, window.MessagePort.prototype].flatMap((object, i) =>
      Reflect.ownKeys(object).map((key) => {
        const {value, get} = Object.getOwnPropertyDescriptor(object, key);
        return [`${i} ${String(key)}`, value ?? get];
      }),
    );
  /** Its own `import`. */
  const importModule = () => new window.Function('url', 'return import(url)')(`${folder}navigator-connect.mjs`);
  return {frame, window, look, importModule};
}

/** The names of what differs. */
const changed = (before, after) => {
  const known = new Map(before);
  return after.filter(([name, value]) => !known.has(name) || !Object.is(known.get(name), value)).map(([name]) => name);
};

test('the module touches no globals until install() is called, and the second call does nothing', async () => {
  const {frame, window, look, importModule} = await bareFrame();
  const untouched = look();
  const module = await importModule();
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

test('where the browser has navigator.services, nothing is patched, by either form', async () => {
  const {frame, window, look, importModule} = await bareFrame();
  const native = {};
  Object.defineProperty(window.Navigator.prototype, 'services', {get: () => native, configurable: true});
  const untouched = look();
  (await importModule()).install();
  const script = window.document.createElement('script');
  script.src = loader;
  const loaded = new Promise((resolve) => (script.onload = resolve));
  window.document.head.append(script);
  await loaded;
  assert.deepEqual(changed(untouched, look()), []);
  assert.equal(window.navigator.services, native);
  frame.remove();
});

test('where a service worker has navigator.services, nothing is patched', async () => {
  const patched = await install(
    service.origin,
    `const look = () => [self, WorkerNavigator.prototype].flatMap((object) => Reflect.ownKeys(object).map(String));
     const native = {toString: () => look().filter((name) => !before.includes(name)).join()};
     Object.defineProperty(WorkerNavigator.prototype, 'services', {get: () => native, configurable: true});
     const before = look();
     importScripts('${loader}');`,
  );
  assert.equal(patched, '');
});

test('it loads without an error in a sandboxed frame, which has neither workers nor a database', async () => {
  const frame = document.createElement('iframe');
  frame.sandbox = 'allow-scripts';
  frame.srcdoc = `<script>
    const errors = [];
    onerror = (message) => errors.push(message);
    onunhandledrejection = ({reason}) => errors.push(String(reason));
  </script>
  <script crossorigin src="${loader}"></script>
  <script>
    const say = () => parent.postMessage({services: String(navigator.services), errors}, '${origins.own}');
    // By then the loader has done what it does by itself.
    onload = () => setTimeout(say);
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

/**
 * What a frame tells that has an opaque origin and the loader: the origin that a service hears it has, or the name of
 * the error.
 *
 * @param {(page: string) => Partial<HTMLIFrameElement>} attributes
 */
async function fromOpaqueOrigin(attributes) {
  const url = `${service.origin}/services/answering-service/?answer=accept`;
  // It installs the service by itself, being in a partition of its own.
  const page = `<!doctype html><script src="${loader}"></script><script type="module">
    const {services} = navigator;
    const told = new Promise((resolve) => {
      services.addEventListener('message', ({data: {facts}}) => facts?.targetURL === '${url}' && resolve(facts.origin));
    });
    const connect = async () => {
      await services.connect('${url}&name=reports', {installWorker: true});
      await services.connect('${url}');
      return told;
    };
    connect().then(
      (origin) => parent.postMessage({origin}, '${origins.own}'),
      ({name}) => parent.postMessage({name}, '${origins.own}'),
    );
  </script>`;
  const frame = Object.assign(document.createElement('iframe'), attributes(page));
  const said = new Promise((resolve) => {
    addEventListener('message', function listener({source, data}) {
      if (source !== frame.contentWindow) return;
      removeEventListener('message', listener);
      resolve(data);
    });
  });
  document.body.append(frame);
  try {
    return await said;
  } finally {
    frame.remove();
  }
}

// To an opaque origin all others are foreign: one relation is enough.
if (facts.client === 'same-origin') {
  const fromData = () => fromOpaqueOrigin((page) => ({src: `data:text/html,${encodeURIComponent(page)}`}));
  const insecure = 'there, a data: URL is no secure context';

  test(
    'a client with an opaque origin: the service hears "null"',
    async () => assert.deepEqual(await fromData(), {origin: 'null'}),
    {fails: {chromium: insecure, webkit: insecure}},
  );

  if (facts.engine !== 'firefox') {
    test('a data: URL that is no secure context: AbortError', async () =>
      assert.deepEqual(await fromData(), {name: 'AbortError'}));
  }

  // Seconds: the bridge can't answer, and is given up.
  test('a sandboxed frame with an opaque origin, which its bridge would share: AbortError', async () => {
    const sandboxed = (page) => ({srcdoc: page, sandbox: 'allow-scripts'});
    assert.deepEqual(await fromOpaqueOrigin(sandboxed), {name: 'AbortError'});
  });
}
