/**
 * Echoes, and counts: the messages that reach its application, and the errors that escape. It answers a message that
 * asks for the counts, or to connect, on the port that comes with it.
 */
const counts = {errors: [], messages: 0};
addEventListener('error', ({message}) => counts.errors.push(message));
addEventListener('unhandledrejection', ({reason}) => counts.errors.push(`${reason?.stack ?? reason}`));

importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;

const connect = (url) =>
  services.connect(url).then(
    (port) => {
      port.close();
      return 'connected';
    },
    ({name}) => name,
  );

addEventListener('message', (event) => {
  const {data, ports} = event;
  if (data?.counting) ports[0].postMessage(counts);
  else if (data?.connect) event.waitUntil(connect(data.connect).then((outcome) => ports[0].postMessage(outcome)));
  else counts.messages++;
});

services.addEventListener('connect', (event) => event.respondWith({accept: true}));
services.addEventListener('message', ({data, source, ports}) => source.postMessage(data, [...ports]));
