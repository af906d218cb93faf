/** Tells the channel that a client's URL names of all that it hears, in order, and of the client's end. */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;

/** By channel, what is on its way there. */
const telling = new Map();

function tell(event, data) {
  const channel = new URL(event.source.targetURL).searchParams.get('channel');
  const post = () => fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data})});
  const told = (telling.get(channel) ?? Promise.resolve()).then(post);
  telling.set(channel, told);
  event.waitUntil(told);
}

services.addEventListener('connect', (event) => event.respondWith({accept: true}));
services.addEventListener('message', (event) => tell(event, event.data));
services.addEventListener('close', (event) => tell(event, 'closed'));
addEventListener('install', () => skipWaiting());
