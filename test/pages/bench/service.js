/** The service worker behind every peer that talks to one. */
importScripts(
  '/.well-known/navigator-connect/navigator-connect.js',
  '/node_modules/comlink/dist/umd/comlink.min.js',
  'echo.js',
  'median-time.js',
);
const {services} = navigator;

services.onconnect = (event) => event.respondWith({accept: true});
services.onmessage = ({data, source}) => source.postMessage(data, transferOf(data));

/** Tells windows of this origin which connections have closed. */
const news = new BroadcastChannel('bench');
services.onclose = ({source}) => news.postMessage({closed: source.targetURL});

/** What a courier brings a port for. */
const uses = {
  bare: (port) => (port.onmessage = ({data}) => port.postMessage(data, transferOf(data))),
  comlink: (port) => Comlink.expose(echoBy(Comlink.transfer), port),
  async match(port) {
    const ports = await services.matchAll();
    const {targetURL} = ports.at(-1);
    const time = await medianTime(() => services.match({targetURL}));
    port.postMessage({ports: ports.length, time});
  },
};
addEventListener('message', ({data, ports: [port]}) => uses[data.use]?.(port));

/** Free when this worker has ended. */
navigator.locks.request('bench/worker', () => new Promise(() => {}));
