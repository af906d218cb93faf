/**
 * Echoes, and counts: the messages that reach its application, and the errors that escape. It answers a message that
 * asks for the counts, on the port that comes with it.
 */
const counts = {errors: [], messages: 0};
addEventListener('error', ({message}) => counts.errors.push(message));
addEventListener('unhandledrejection', ({reason}) => counts.errors.push(`${reason?.stack ?? reason}`));

importScripts('/.well-known/navigator-connect/navigator-connect.js');

addEventListener('message', ({data, ports}) => {
  if (data?.counting) ports[0].postMessage(counts);
  else counts.messages++;
});

const {services} = navigator;
services.addEventListener('connect', (event) => event.respondWith({accept: true}));
services.addEventListener('message', ({data, source, ports}) => source.postMessage(data, [...ports]));
