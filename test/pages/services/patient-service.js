/**
 * Does something that lasts where its client's URL says: in `connect`, `respondWith`, `message` or `close`, for so many
 * `seconds`, or outside of every event. It tells the URL's `channel` when that begins and ends, and who it is: each
 * start of it has another name, and holds the lock of that name.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;
const instance = crypto.randomUUID();
navigator.locks.request(instance, () => new Promise(() => {}));

const post = (channel, data) => fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data})});

const paramsOf = (url) => Object.fromEntries(new URL(url).searchParams);

async function last({channel, seconds}, event) {
  await post(channel, {begun: instance});
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  // As long as what it waits for is pending, an event can be extended further.
  event?.waitUntil(Promise.resolve());
  await post(channel, {ended: instance});
}

services.addEventListener('connect', (event) => {
  const params = paramsOf(event.targetURL);
  const accept = async () => {
    if (params.in === 'respondWith') await last(params, event);
    return {accept: true};
  };
  event.respondWith(accept());
  if (params.in === 'connect') event.waitUntil(last(params, event));
});

services.addEventListener('message', (event) => {
  const {source, data} = event;
  const params = paramsOf(source.targetURL);
  if (data === 'who') source.postMessage({who: instance});
  else if (params.in === 'message')
    event.waitUntil(last(params, event).then(() => source.postMessage({lasted: instance})));
  else if (params.in === 'nothing') last(params);
});

services.addEventListener('close', (event) => {
  const params = paramsOf(event.source.targetURL);
  if (params.in === 'close') event.waitUntil(last(params, event));
});

addEventListener('install', () => self.skipWaiting());
