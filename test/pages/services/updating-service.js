/**
 * The reporting service in a version that its URL names, which waits for its turn unless that says `skip`. It
 * answers on a port of the same name to `answers`, where there is one.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js', '/survival/numbered.js');

const {services} = navigator;
const version = new URL(location.href).search;
const receiver = new numbered.Receiver();

services.addEventListener('connect', (event) => event.respondWith({accept: true, name: 'kept', data: version}));
services.addEventListener('message', (event) => event.waitUntil(answer(event)));

async function answer({data, source}) {
  const {data: acceptedBy, name, targetURL} = source;
  const elsewhere = await services.match({targetURL: targetURL.replace('?', 'answers?')});
  (elsewhere ?? source).postMessage({
    ...data,
    instance: version,
    acceptedBy,
    name,
    wrong: receiver.check(source, data),
  });
}

if (version.includes('skip')) addEventListener('install', () => skipWaiting());
