/** Accepts everyone and sends everything back. `?script` in a message asks which script this is. */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

navigator.services.addEventListener('connect', (event) => event.respondWith({accept: true}));

navigator.services.addEventListener('message', ({data, source, ports}) => {
  source.postMessage(data === '?script' ? location.href : data, [...ports]);
});
