/**
 * A client: its page tells it where to connect and what to post there, and hears on the broadcast channel that is
 * named like its port what came back. It holds the lock named by `instance`, which is another for every start.
 */

/** What takes the ports of windows that answer, by what was asked. */
const asked = new Map();
addEventListener('message', ({data, ports}) => data?.type === 'asked' && asked.get(data.id)?.(ports[0]));

importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;
const instance = crypto.randomUUID();
navigator.locks.request(instance, () => new Promise(() => {}));
const channels = new Map();

/** Asks for a courier, as a start does that needs a bridge, and takes up nothing. */
async function askForCourier() {
  const context = crypto.randomUUID();
  const {scope} = registration;
  await new Promise((resolve) => {
    navigator.locks.request(`navigator-connect/1/${context}`, () => {
      resolve();
      return new Promise(() => {});
    });
  });
  const id = crypto.randomUUID();
  const channel = new BroadcastChannel('navigator-connect/1/windows');
  const here = new Promise((resolve) =>
    asked.set(id, (port) => {
      port.onmessage = resolve;
      port.postMessage({type: 'taken'});
    }),
  );
  channel.postMessage({type: 'ask', what: 'courier', id, context, scope});
  await here;
  channel.close();
}

const tell = (name, data) => {
  if (!channels.has(name)) channels.set(name, new BroadcastChannel(name));
  channels.get(name).postMessage(data);
};

/** @type {ReturnType<typeof setInterval>} */
let talking;

/** Posts a message a second, until told otherwise or stopped. */
function talkOn(port) {
  let said = 0;
  talking = setInterval(() => port.postMessage({said: said++}), 1_000);
}

/** Says on the port that comes with a request what came of it. */
addEventListener('message', (event) => {
  const {data, ports} = event;
  if (ports.length !== 1 || !data.relay) return;
  const {relay: name, connect, message, talk, close, hesitate} = data;
  const act = async () => {
    if (hesitate) return askForCourier();
    if (connect) await services.connect(connect, {name});
    const port = await services.match({name});
    if (!port) throw new Error(`there is no port ${name}`);
    if (message) port.postMessage(message);
    clearInterval(talking);
    if (talk) talkOn(port);
    if (close) port.close();
    return {instance};
  };
  event.waitUntil(
    act().then(
      (value) => ports[0].postMessage({value}),
      (error) => ports[0].postMessage({error: `${error}`}),
    ),
  );
});

/** Posts, with no window open perhaps. */
addEventListener('push', (event) => {
  const text = event.data.text();
  const push = async () => {
    (await services.match({name: 'both'})).postMessage({text});
    await fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel: 'pushed', data: text})});
  };
  event.waitUntil(push());
});

services.addEventListener('message', ({source, data}) => tell(source.name, data));
services.addEventListener('close', ({source}) => tell(source.name, {closed: source.targetURL, at: Date.now()}));
