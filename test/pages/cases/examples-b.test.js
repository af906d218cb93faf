/**
 * The examples of draft B, as written; only their origins are replaced, and service workers begin with an
 * `importScripts` of the loader. The one that waits for a push needs a browser that is told to deliver it, and
 * somebody who is stashed under the name that it looks for.
 */
import {ask, assert, embed, fault, loader, origins, service, test} from '../harness.js';
import {next, services} from './connect-helpers.js';

const example = async (name) => {
  const text = await (await fetch(new URL(`examples-b/${name}.js.txt`, import.meta.url))).text();
  return text.replaceAll('https://example.com', service.origin).replaceAll(/https?:\/\/acme\.com/g, origins.own);
};

/** Has `origin` serve the example as a service worker, and installs it. */
async function install(origin, name, directory, more = '') {
  const body = `importScripts('${loader}');\n${more}\n${await example(name)}`;
  const script = `${directory}${name}.js`;
  await fault(`${origin}${script}`, {body, headers: {'Content-Type': 'text/javascript'}});
  const frame = await embed(origin);
  await frame.ask('install', {script, scope: directory});
  return frame;
}

/** Runs the example in this page, and listens to the port that it gets. */
async function run(name, heard) {
  const {connect} = Navigator.prototype;
  const connected = new Promise((resolve) => {
    navigator.connect = (url) => {
      delete navigator.connect;
      const port = connect.call(navigator, url);
      resolve(port);
      return port;
    };
  });
  const script = document.createElement('script');
  script.textContent = await example(name);
  document.head.append(script);
  script.remove();
  (await connected).addEventListener('message', ({data}) => heard(data));
  return connected;
}

test(
  'a page says hello to a service that keeps a plain port',
  async () => {
    const frame = await install(service.origin, 'serviceworker', '/');
    let port;
    const greeting = await new Promise((resolve) => (port = run('webapp', resolve)));
    assert.equal(greeting, 'You are connected!');
    (await port).close();
    frame.remove();
  },
  {fresh: true},
);

test(
  'a page says hello to a service that stashes the port, and hears it back',
  async () => {
    const frame = await install(service.origin, 'stashing-serviceworker', '/');
    const all = [];
    let port;
    await new Promise((resolve) => {
      port = run('webapp', (data) => all.push(data) === 2 && resolve());
    });
    assert.deepEqual(all, ['You are connected!', 'hello']);
    (await port).close();
    frame.remove();
  },
  {fresh: true},
);

test(
  'stashed ports hear of a push',
  async () => {
    const stashing = `
      self.addEventListener('connect', (event) => {
        if (!event.targetURL.endsWith('/push')) return;
        const {port1, port2} = new MessageChannel();
        event.acceptConnection(port2);
        self.ports.add('pushClient', port1);
      });`;
    const frame = await install(service.origin, 'stashing-serviceworker', '/', stashing);
    const ports = await Promise.all([0, 1].map(() => navigator.connect(`${service.origin}/push`)));
    const heard = Promise.all(ports.map((port) => new Promise((resolve) => (port.onmessage = resolve))));
    await ask('push', {url: service.origin, text: ''});
    for (const {data} of await heard) assert.equal(data, 'received push');
    for (const port of ports) port.close();
    frame.remove();
  },
  {
    fresh: true,
    fails: {firefox: 'its driver delivers no push', webkit: 'its driver delivers no push'},
  },
);

test(
  'a service worker connects when it is installed, and logs what is fetched',
  async () => {
    const frame = await embed(service.origin);
    await frame.ask('install', {script: '/services/analytics-service.js', scope: '/services/analytics'});
    const observer = await services.connect(`${service.origin}/services/analytics?observer`);
    const logged = next('message', ({source, data}) => source === observer && data === 'log fetch');
    (await install(origins.own, 'client-sw', '/client/')).remove();
    await fault(`${origins.own}/client/page.html`, {body: '<!doctype html><title>A page</title>'});
    const page = document.createElement('iframe');
    page.src = '/client/page.html';
    document.body.append(page);
    await logged;
    page.remove();
    frame.remove();
    observer.close();
  },
  {fresh: true},
);
