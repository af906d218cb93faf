/** Every interface behaves as the IDL in navigator-services.webidl says; nothing is listed here by hand. */
import {parse} from '/node_modules/webidl2/index.js';
import {assert, installed, test} from '../harness.js';
import './idl-checks.js';

// As plain objects, which a worker can be sent.
const readIDL = async () => JSON.parse(JSON.stringify(parse(await (await fetch('/navigator-services.webidl')).text())));

const passes = ({checks, failures}) => {
  assert.equal(failures.join('\n'), '');
  assert.isAbove(checks, 100);
};

// A service worker that is a client exposes what any does: that is the next case.
if (!('clients' in self)) {
  test('the IDL holds in this global', async () => {
    const ServicePort = await navigator.services.connect(await installed('idl-checking-service'));
    passes(await self.checkIDL(await readIDL(), {ServicePort, ServicePortCollection: navigator.services}));
  });
}

test('the IDL holds in a service worker', async () => {
  const url = await installed('idl-checking-service');
  // So that it has one of draft B's events to look at.
  await navigator.connect(`${url}?native`);
  const port = await navigator.services.connect(url);
  const answer = new Promise((resolve) => {
    navigator.services.addEventListener('message', ({data, source}) => source === port && resolve(data));
  });
  port.postMessage(await readIDL());
  passes(await answer);
});
