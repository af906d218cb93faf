/** What is missing, blocked or broken around the loader: connect() settles, and the console says why, once. */
import {FRAME_LOAD, KEEPALIVE, SETTLE} from '/js/limits.js';
import {assert, consoleUntil, embed, facts, fault, installed, origins, service, take, test} from '../harness.js';
import {registered, services} from './connect-helpers.js';

const folder = `${service.origin}/.well-known/navigator-connect/`;
const sameOrigin = facts.client === 'same-origin';

/** Whether the console of the bridge is seen: it is a frame's of another origin, and WebKit shows none but the page's. */
const bridgeIsHeard = facts.engine !== 'webkit' || sameOrigin;

/**
 * Embeds a page of this origin with the loader.
 *
 * @returns {Promise<HTMLIFrameElement>}
 */
async function otherClient() {
  const frame = document.createElement('iframe');
  frame.src = '/cases/policy-client.html';
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  return frame;
}

/**
 * Embeds a page that attempts to connect.
 *
 * @param {{times?: number, without?: string, hurry?: number}} [how]
 * @param {RegExp} [said] what its console, or its bridge's, is to say once
 */
async function attempt(how, said) {
  const channel = crypto.randomUUID();
  const url = await installed('echo-service');
  const frame = document.createElement('iframe');
  frame.src = `/attempt.html?${new URLSearchParams({...facts, ...how, url, channel})}`;
  document.body.append(frame);
  const outcomes = await take(channel);
  if (said) {
    await consoleUntil('navigator-connect: ');
    const lines = (await consoleUntil(channel)).filter((line) => line.includes('navigator-connect: '));
    assert.lengthOf(lines, 1, lines.join('\n'));
    assert.match(lines[0], said);
  }
  frame.remove();
  return outcomes;
}

const failed = ([...outcomes], times = 1) => {
  assert.deepEqual(
    outcomes.map(({name}) => name),
    Array(times).fill('AbortError'),
  );
};
const connected = (outcomes) => assert.deepEqual(outcomes, [{heard: 'hello'}, {heard: 'hello'}]);

if (!sameOrigin) {
  test('a bridge page that is missing', async () => {
    await fault(`${folder}bridge.html`, {status: 404, body: 'not found'});
    failed(await attempt({times: 2}, /bridge\.html did not answer.*deploy/), 2);
  });

  test('a bridge page that never finishes loading', async () => {
    await fault(`${folder}bridge.html`, {hold: crypto.randomUUID()});
    failed(await attempt({hurry: FRAME_LOAD}, /bridge\.html did not load/));
  });

  test('a bridge page that is none of ours', async () => {
    await fault(`${folder}bridge.html`, {body: '<!doctype html><h1>Welcome to our shop</h1>'});
    failed(await attempt({}, /bridge\.html did not answer.*deploy/));
  });

  test('a bridge page with X-Frame-Options', async () => {
    await fault(`${folder}bridge.html`, {headers: {'X-Frame-Options': 'DENY'}});
    failed(await attempt({}, /bridge\.html did not answer.*X-Frame-Options/));
  });

  test('a bridge page that says "connected" when nobody is, and nothing more', async () => {
    const page = `<!doctype html><script>
      addEventListener('message', ({data, ports: [page]}) => {
        if (!data?.navigatorConnect || !page) return;
        page.onmessage = ({ports: [control]}) => {
          control.onmessage = ({data: {attempt}}) => control.postMessage({type: 'connected', attempt});
        };
        page.postMessage({type: 'ready', version: data.navigatorConnect});
      });
    </script>`;
    await fault(`${folder}bridge.html`, {body: page});
    const frame = await otherClient();
    const {navigator} = frame.contentWindow;
    // Minutes pass in seconds, as far as the loader can tell, which looks after its attempts so many times.
    frame.contentWindow.setInterval = (act, time) => self.setInterval(act, time / 100);
    const begun = performance.now();
    const attempt = navigator.services.connect(`${service.origin}/services/echo-service/`);
    failed([await attempt.catch((error) => error)]);
    assert.isAtLeast(performance.now() - begun, (SETTLE * KEEPALIVE) / 100);
    frame.remove();
  });

  test('a bridge page of another version', async () => {
    const page = `<!doctype html><script>
      addEventListener('message', ({data, ports: [page]}) => {
        if (data?.navigatorConnect) page.postMessage({type: 'ready', version: data.navigatorConnect + 1});
      });
    </script>`;
    await fault(`${folder}bridge.html`, {body: page});
    failed(await attempt({times: 2}, /bridge\.html speaks version 2, this page 1; deploy/), 2);
  });

  test("a frame that the client's Content-Security-Policy blocks", async () => {
    await fault(`${origins.own}/attempt.html`, {headers: {'Content-Security-Policy': "frame-src 'self'"}});
    failed(await attempt({times: 2}, /Content-Security-Policy blocks .*bridge\.html.*add .* frame-src/), 2);
  });
}

if (sameOrigin) {
  test('bridge.mjs is missing', async () => {
    await fault(`${folder}bridge.mjs`, {status: 404, body: 'not found'});
    failed(await attempt({times: 2}, /bridge\.mjs did not load.*deploy/), 2);
  });

  test('bridge.mjs was missing, and a later attempt finds it', async () => {
    await fault(`${folder}bridge.mjs`, {status: 503, body: ''});
    const frame = await otherClient();
    const {services} = frame.contentWindow.navigator;
    const url = await installed('echo-service');
    failed([await services.connect(url).catch((error) => error)]);
    await fault(`${folder}bridge.mjs`, {});
    (await services.connect(url)).close();
    frame.remove();
  });
}

const registryFaults = {
  'registry.wasm is missing': {path: 'registry.wasm', how: {status: 404}, said: /registry\.wasm.*404.*deploy/},
  'registry.wasm is something else': {path: 'registry.wasm', how: {body: 'no wasm'}, said: /registry can't run/},
  'registry.js is missing': {path: 'registry.js', how: {status: 404}, said: /registry\.js did not start.*deploy/},
  "registry.js is not allowed 'wasm-unsafe-eval'": {
    path: 'registry.js',
    how: {headers: {'Content-Security-Policy': "script-src 'self'"}},
    said: /registry can't run.*Content-Security-Policy.*wasm-unsafe-eval/s,
  },
};
for (const [what, {path, how, said}] of Object.entries(registryFaults)) {
  test(
    `connections work without the registry: ${what}`,
    async () => {
      await fault(`${folder}${path}`, how);
      connected(await attempt({times: 2}, bridgeIsHeard ? said : undefined));
    },
    {fresh: true},
  );
}

test(
  'registry.wasm of the wrong MIME type is only slower',
  async () => {
    await fault(`${folder}registry.wasm`, {headers: {'Content-Type': 'text/plain'}});
    const port = await services.connect(`${await installed('echo-service')}listed`);
    const frame = await embed(service.origin);
    await registered(frame, port.targetURL);
    frame.remove();
    port.close();
  },
  {fresh: true},
);

{
  const what = 'Trusted Types do not allow our policy';
  const headers = {'Content-Security-Policy': "require-trusted-types-for 'script'; trusted-types other"};
  const said =
    'trustedTypes' in globalThis ? /registry\.js could not be started.*trusted-types navigator-connect/ : undefined;
  test(`connections work without the registry: ${what}`, async () => {
    if (!sameOrigin) {
      await fault(`${folder}bridge.html`, {headers});
      connected(await attempt({times: 2}, bridgeIsHeard ? said : undefined));
      return;
    }
    await fault(`${origins.own}/cases/policy-client.html`, {headers});
    const frame = await otherClient();
    const {console, navigator} = frame.contentWindow;
    const lines = [];
    const told = new Promise((resolve) => {
      console.warn = console.error = (line) => resolve(lines.push(line));
    });
    frame.contentWindow.addEventListener('unhandledrejection', ({reason}) => lines.push(`${reason}`));
    const port = await navigator.services.connect(await installed('echo-service'));
    const heard = new Promise((resolve) => navigator.services.addEventListener('message', resolve, {once: true}));
    port.postMessage('hello');
    assert.equal((await heard).data, 'hello');
    // The registry is started a moment later than the connection.
    if (said) await told;
    assert.lengthOf(lines, said ? 1 : 0, lines.join('\n'));
    if (said) assert.match(lines[0], said);
    frame.remove();
  });
}

if (sameOrigin) {
  test('connections work without the registry: there is no SharedWorker', async () => {
    connected(await attempt({times: 2, without: 'SharedWorker'}, /no SharedWorker.*without it/));
  });
}
