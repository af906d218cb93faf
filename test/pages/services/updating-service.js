/** The reporting service in a version that its URL names, which waits for its turn unless that says `skip`. */
importScripts('/.well-known/navigator-connect/navigator-connect.js', '/survival/numbered.js');

const {services} = navigator;
const version = new URL(location.href).search;
const receiver = new numbered.Receiver();

services.addEventListener('connect', (event) => event.respondWith({accept: true, name: 'kept', data: version}));
services.addEventListener('message', ({data, source}) => {
  const {data: acceptedBy, name} = source;
  source.postMessage({...data, instance: version, acceptedBy, name, wrong: receiver.check(source, data)});
});

if (version.includes('skip')) addEventListener('install', () => skipWaiting());
