/** Works under the policies that clients and services have. */
import {assert, embed, fault, installed, origins, service, test} from '../harness.js';
import {ask, registered, rejects, services} from './connect-helpers.js';

const client = `${origins.own}/cases/policy-client.html`;
const folder = `${service.origin}/.well-known/navigator-connect/`;

/** A page of this origin that has these headers, and its `navigator.services`. */
async function clientWith(headers) {
  await fault(client, {headers});
  const frame = document.createElement('iframe');
  frame.src = client;
  frame.hidden = true;
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  const violations = [];
  frame.contentDocument.addEventListener('securitypolicyviolation', ({violatedDirective, blockedURI}) =>
    violations.push(`${violatedDirective}: ${blockedURI}`),
  );
  return {frame, services: frame.contentWindow.navigator.services, violations};
}

/** Asserts that a client connects, also where a worker must be installed first, and that messages pass. */
async function works(services) {
  const url = await installed('echo-service');
  const port = await services.connect(`${url}x`);
  const heard = new Promise((resolve) => services.addEventListener('message', resolve, {once: true}));
  port.postMessage('hello');
  assert.equal((await heard).data, 'hello');
  port.close();
}

/** A directory whose worker has to be installed. */
let number = 0;
async function directory() {
  const url = `${service.origin}/policy/${number++}/`;
  const headers = {'Content-Type': 'text/javascript'};
  await fault(`${url}sw.js`, {body: `importScripts('/services/echo-service.js');`, headers});
  await fault(url, {headers: {'Service-Worker-Script': 'sw.js'}});
  return url;
}

async function installs(services) {
  (await services.connect(await directory(), {installWorker: true})).close();
}

const sameOrigin = service.origin === origins.own;
// A page of the service's origin has no frame, but what the frame would need: workers, and requests to install them.
const strict =
  "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; " +
  (sameOrigin ? "worker-src 'self'; connect-src 'self'" : `frame-src ${service.origin}`);

const policies = {
  'a strict Content-Security-Policy': {'Content-Security-Policy': strict},
  // That of policy-client.html.
  'a Content-Security-Policy by nonce': {
    'Content-Security-Policy': "script-src 'nonce-r4nd0m'; worker-src 'self'; object-src 'none'; base-uri 'none'",
  },
  "a Content-Security-Policy by nonce with 'strict-dynamic'": {
    'Content-Security-Policy':
      "script-src 'nonce-r4nd0m' 'strict-dynamic' https: 'unsafe-inline'; worker-src 'self'; object-src 'none'; base-uri 'none'",
  },
  'Trusted Types': {
    'Content-Security-Policy': "require-trusted-types-for 'script'; trusted-types navigator-connect",
  },
  'a strict Content-Security-Policy with Trusted Types': {
    'Content-Security-Policy': `${strict}; require-trusted-types-for 'script'; trusted-types navigator-connect`,
  },
  'COEP require-corp': {'Cross-Origin-Embedder-Policy': 'require-corp'},
  'COEP credentialless': {'Cross-Origin-Embedder-Policy': 'credentialless'},
  'cross-origin isolation': {
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Opener-Policy': 'same-origin',
  },
};
for (const [policy, headers] of Object.entries(policies)) {
  test(`a client works under ${policy}`, async () => {
    const {frame, services, violations} = await clientWith(headers);
    await works(services);
    await installs(services);
    assert.deepEqual(violations, []);
    frame.remove();
  });
}

if (!sameOrigin) {
  test('a Content-Security-Policy that allows no frame: AbortError', async () => {
    const {frame, services} = await clientWith({'Content-Security-Policy': "frame-src 'none'"});
    const error = await services.connect(await installed('echo-service')).catch((error) => error);
    assert.equal(error.name, 'AbortError');
    frame.remove();
  });

  test('a Content-Security-Policy that would allow no frame, and only reports it, changes nothing', async () => {
    const {frame, services, violations} = await clientWith({
      'Content-Security-Policy-Report-Only': "frame-src 'none'",
    });
    await works(services);
    assert.isNotEmpty(violations);
    frame.remove();
  });

  test('a bridge page that may not be framed: AbortError', async () => {
    await fault(`${folder}bridge.html`, {headers: {'Content-Security-Policy': "frame-ancestors 'none'"}});
    await rejects(services.connect(await directory(), {installWorker: true}), 'AbortError');
  });

  test('a bridge page that is an error page: AbortError', async () => {
    await fault(`${folder}bridge.html`, {status: 503, body: ''});
    await rejects(services.connect(await directory(), {installWorker: true}), 'AbortError');
  });
}

test("the service's own pages may have a Content-Security-Policy, the bridge page included", async () => {
  // Of the same build, and this one can be read.
  const hash = (await (await fetch('/.well-known/navigator-connect/bridge.csp.txt')).text()).trim();
  const policy = (script) => ({
    'Content-Security-Policy':
      `default-src 'none'; script-src 'self' ${script}; worker-src 'self'; connect-src 'self'; ` +
      "require-trusted-types-for 'script'; trusted-types navigator-connect",
  });
  await fault(`${folder}bridge.html`, {headers: policy(hash)});
  await fault(`${folder}registry.js`, {headers: policy("'wasm-unsafe-eval'")});
  await fault(`${service.origin}/frame.html`, {headers: {'Content-Security-Policy': "default-src 'self'"}});
  await fault(`${service.origin}/services/echo-service.js`, {headers: policy('')});
  const url = await directory();
  const port = await services.connect(url, {installWorker: true});
  assert.equal(await ask(port, 'hello'), 'hello');
  // The registry runs, and hears of it: nobody waited for that.
  const frame = await embed(service.origin);
  await registered(frame, url);
  frame.remove();
  port.close();
});
