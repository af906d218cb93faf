/**
 * Sends every message back, with what is wrong with its number, and tells the channel that a client's URL names when
 * the client's port has closed, and is busy then for as long as that says, or waits so long and tells it again. A navigation into its scope, a push and a
 * message that asks for it have it list its ports. It holds the lock named by `instance`, which is another for every
 * start.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js', '/survival/numbered.js');

const {services} = navigator;
const instance = crypto.randomUUID();
const receiver = new numbered.Receiver();
navigator.locks.request(instance, () => new Promise(() => {}));

/** Leaves `data` at a channel of the harness. */
const post = (channel, data) => fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data})});

const list = async (how) => ({how, instance, ports: (await services.matchAll()).map(({targetURL}) => targetURL)});

/** How many ports the database has. It answers after what is being written, which no stop can undo from then on. */
async function stored() {
  const result = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await result(indexedDB.open('navigator-connect/1'));
  const count = await result(database.transaction('ports').objectStore('ports').count());
  database.close();
  return count;
}

services.addEventListener('connect', (event) => {
  const name = new URL(event.targetURL).searchParams.get('name') ?? '';
  event.respondWith({accept: true, name, data: {givenTo: name}});
});

/** What there is of a message with a text, a buffer and a port, over which the answer goes. */
async function describe({data, ports, source}) {
  const {name, targetURL, data: own} = source;
  const isTheSame = source === (await services.match({name}));
  const {text, buffer} = data;
  ports[0].postMessage({instance, name, targetURL, own, isTheSame, text, bytes: [...new Uint8Array(buffer)]});
}

/** Closes the port, and tells the channel that the message names. */
function close({data, source}) {
  source.close();
  return post(data.channel, 'it is closed');
}

services.addEventListener('message', (event) => {
  const {data, source} = event;
  if (data.please === 'list') event.waitUntil(list('message').then((answer) => source.postMessage(answer)));
  else if (data.please === 'close') event.waitUntil(close(event));
  else if (data.please === 'describe') event.waitUntil(describe(event));
  else source.postMessage({...data, instance, wrong: data.n && receiver.check(source, data)});
});

services.addEventListener('close', (event) => {
  const closed = event.source.targetURL;
  const {searchParams} = new URL(closed);
  const channel = searchParams.get('channel');
  const told = channel && post(channel, {closed, at: Date.now(), instance});
  const wait = Number(searchParams.get('wait'));
  const waited = async () => {
    await told;
    await new Promise((resolve) => setTimeout(resolve, wait));
    await post(channel, {waited: instance});
  };
  event.waitUntil(wait ? waited() : told);
  for (const end = performance.now() + Number(searchParams.get('busy')); performance.now() < end;);
});

addEventListener('fetch', (event) => {
  const {searchParams} = new URL(event.request.url);
  const channel = searchParams.get('list');
  if (!channel) return;
  if (searchParams.has('tell')) {
    const telling = services.match({name: searchParams.get('tell')});
    event.waitUntil(telling.then((port) => port.postMessage({text: searchParams.get('text')})));
  }
  event.respondWith(
    list('fetch').then(async (answer) => {
      await post(channel, {...answer, stored: await stored()});
      return Response.json(answer);
    }),
  );
});

addEventListener('push', (event) => {
  event.waitUntil(list('push').then((answer) => post(event.data.text(), answer)));
});

addEventListener('install', () => self.skipWaiting());
