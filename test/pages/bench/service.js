/** The service worker behind every peer that talks to one. */
importScripts(
  '/.well-known/navigator-connect/navigator-connect.js',
  '/node_modules/comlink/dist/umd/comlink.min.js',
  'echo.js',
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
    const {name} = ports.at(-1);
    const begin = performance.now();
    const times = 20;
    for (let i = 0; i < times; i++) await services.match({name, targetURL: ports.at(-1).targetURL});
    port.postMessage({ports: ports.length, time: (performance.now() - begin) / times});
  },
};
addEventListener('message', ({data, ports: [port]}) => uses[data.use]?.(port));

/** Free when this worker has ended. */
navigator.locks.request('bench/worker', () => new Promise(() => {}));
