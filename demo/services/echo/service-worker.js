// The echo service: accepts everyone and sends back what it is sent.

importScripts('/.well-known/navigator-connect/navigator-connect.js');

navigator.services.onconnect = (event) => {
  // `data` is the service's own note on its port; the client never sees it.
  event.respondWith({accept: true, name: 'echo', data: {client: event.origin}});
};

navigator.services.onmessage = (event) => {
  if (event.data?.command === 'close') event.source.close();
  else event.source.postMessage(event.data, event.ports);
};

// Fired when a client closed its port, and when it navigated, was closed or crashed. The others hear of it.
navigator.services.onclose = (event) => {
  event.waitUntil(tellOthers(event.source.data.client));
};

async function tellOthers(gone) {
  const ports = await navigator.services.matchAll();
  for (const port of ports) port.postMessage({gone, left: ports.length});
}

// A demo is edited and reloaded often: let a new version replace the old one at once.
self.oninstall = () => self.skipWaiting();
