/**
 * A client that asks its windows for all that a service worker may ask: while it is being activated, to connect to what its
 * own URL says, if that says so; when it is told, to connect and stay so for a while, and to keep a stashed port. Then it posts the last message
 * to each of its windows.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;
const early = new URL(location.href).searchParams.get('connect');
let failure;

async function connect(url, stays = 0) {
  const port = await services.connect(url);
  const answer = new Promise((resolve) => {
    services.addEventListener('message', ({source, data}) => source === port && resolve(data));
  });
  await new Promise((resolve) => setTimeout(resolve, stays));
  port.postMessage('hello');
  const answered = await answer;
  port.close();
  return answered;
}

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => {
  if (early) event.waitUntil(connect(early).catch((error) => (failure = `${error}`)));
});

self.ports.onmessage = ({source, data}) => source.postMessage(data);

addEventListener('message', (event) => {
  const {data, ports} = event;
  const act = async () => {
    if (data.keep) return void self.ports.add('kept', ports[1]);
    const answered = data.connect ? await connect(data.connect, data.stays) : failure;
    for (const client of await clients.matchAll({type: 'window', includeUncontrolled: true}))
      client.postMessage('last');
    return answered;
  };
  event.waitUntil(
    act().then(
      (value) => ports[0].postMessage({value}),
      (error) => ports[0].postMessage({error: `${error}`}),
    ),
  );
});
