/**
 * Connections outlive the bridges that they go over: the service asks a client whose window has gone whether it is still
 * there.
 */
import {assert, bridgeIsMounted, facts, installed, loaded, stopServiceWorkers, take, test} from '../harness.js';
import {ask, nextFrom, services} from '../cases/connect-helpers.js';
import {embedded, ended, newClient} from '../cases/leaving-helpers.js';
import {losses} from '../cases/lost-bridges-helpers.js';

/** FAREWELL in js/limits.js, until which a service asks. */
const STAYS = 10_500;
/** js/limits.js */
const COMES_BACK = 5_000;

const scope = await installed('patient-service');
const after = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function answers(port) {
  const closed = nextFrom(port, 'close').then(() => assert.fail('the port was closed'));
  assert.isString((await Promise.race([ask(port, 'who'), closed])).who);
}

test(
  'connections go on whose bridges are lost one after the other',
  async () => {
    const ports = [];
    const closed = [];
    const listener = ({source}) => closed.push(ports.indexOf(source));
    services.addEventListener('close', listener);
    for (const lose of Object.values(losses)) {
      ports.push(await services.connect(scope));
      await lose(await bridgeIsMounted());
      await answers(ports[0]);
    }
    await after(STAYS);
    assert.deepEqual(closed, []);
    await Promise.all(ports.map(answers));
    services.removeEventListener('close', listener);
    for (const port of ports) port.close();
    document.querySelector('iframe:not([src])')?.remove();
  },
  {seconds: 60},
);

// The others stop no worker when asked to.
if (facts.engine === 'chromium') {
  test(
    'a connection goes on whose bridge is lost while the service is stopped',
    async () => {
      const port = await services.connect(scope);
      let closed = false;
      const listener = ({source}) => (closed ||= source === port);
      services.addEventListener('close', listener);
      for (const lose of Object.values(losses)) {
        const frame = await bridgeIsMounted();
        await stopServiceWorkers();
        await lose(frame);
        // As long as it is given to come back, and some more.
        await after(COMES_BACK + 500);
        assert.isFalse(closed);
        await answers(port);
      }
      services.removeEventListener('close', listener);
      port.close();
      document.querySelector('iframe:not([src])')?.remove();
    },
    {seconds: 60},
  );
}

test(
  'a shared worker whose first page leaves goes on over another of its pages',
  async () => {
    const client = newClient('sharedworker');
    const first = await embedded(client);
    const second = document.createElement('iframe');
    second.src = client.url;
    const done = loaded(second);
    document.body.append(second);
    await done;
    // Its script makes the worker its own when the loader has run, in the same task.
    while (!second.contentWindow.navigator.services) await after(50);
    await after(0);
    first.remove();
    await after(STAYS);
    const end = ended(client);
    const left = Date.now();
    second.remove();
    const {closed, at} = await take(client.channel);
    assert.equal(closed, client.target);
    assert.isAtLeast(at, left);
    await end;
  },
  {seconds: 60},
);
