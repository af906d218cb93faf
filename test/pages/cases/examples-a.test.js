/**
 * The examples of draft A, as written; only their origins are replaced, and service workers begin with an
 * `importScripts` of the loader. The one that waits for a push needs a browser that is told to deliver it.
 */
import {ask, assert, embed, fault, loader, origins, service, test} from '../harness.js';
import {next, services} from './connect-helpers.js';

const example = async (name) => {
  const text = await (await fetch(new URL(`examples-a/${name}.js.txt`, import.meta.url))).text();
  return text.replaceAll('https://example.com', service.origin).replaceAll('https://acme.com', origins.own);
};

/** Has `origin` serve the example as a service worker, and installs it. */
async function install(origin, name, directory, more = '') {
  const body = `importScripts('${loader}');\n${more}\n${await example(name)}`;
  const script = `${directory}${name}.js`;
  await fault(`${origin}${script}`, {body, headers: {'Content-Type': 'text/javascript'}});
  const frame = await embed(origin);
  await frame.ask('install', {script, scope: directory});
  frame.remove();
}

/** Runs the example in this page. */
async function run(name) {
  const script = document.createElement('script');
  script.textContent = await example(name);
  document.head.append(script);
  script.remove();
}

test(
  'a page says hello to an echo service',
  async () => {
    await install(service.origin, 'serviceworker', '/');
    const greeted = next('message', ({data}) => data === 'You are connected!');
    const echoed = next('message', ({data}) => data === 'hello');
    await run('webapp');
    const [one, other] = await Promise.all([greeted, echoed]);
    assert.equal(one.source, other.source);
    assert.equal(one.source.targetURL, `${service.origin}/services/echo`);
    assert.equal(one.origin, service.origin);
  },
  {fresh: true},
);

test(
  'clients of one URL hear of a push',
  async () => {
    const accepting = "navigator.services.addEventListener('connect', (event) => event.respondWith({accept: true}));";
    await install(service.origin, 'push-serviceworker', '/', accepting);
    const url = `${service.origin}/services/push`;
    const [one, other, elsewhere] = await Promise.all([url, url, `${url}/not`].map((to) => services.connect(to)));
    const sources = new Set();
    const heard = new Promise((resolve) => {
      services.addEventListener('message', ({source, data}) => {
        assert.equal(data, 'received push');
        if (sources.add(source).size === 2) resolve();
      });
    });
    await ask('push', {url: service.origin, text: ''});
    await heard;
    assert.isTrue(sources.has(one) && sources.has(other));
    for (const port of [one, other, elsewhere]) port.close();
  },
  {
    fresh: true,
    fails: {firefox: 'its driver delivers no push', webkit: 'its driver delivers no push'},
  },
);

test(
  'a service worker connects when it is activated, and logs what is fetched',
  async () => {
    const frame = await embed(service.origin);
    await frame.ask('install', {script: '/services/analytics-service.js', scope: '/services/analytics'});
    const observer = await services.connect(`${service.origin}/services/analytics?observer`);
    const logged = next('message', ({source, data}) => source === observer && data === 'log fetch');
    await install(origins.own, 'client-sw', '/client/');
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
