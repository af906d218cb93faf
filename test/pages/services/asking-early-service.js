/** Uses `navigator.services` before it is active, and when it is about to be. */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;

const calls = {
  connect: () => services.connect('/nothing/here/'),
  match: () => services.match({}),
  matchAll: () => services.matchAll(),
};

const outcomes = {};

/** Calls what is named, while `event` is handled. */
const call = (event, ...names) => {
  const asked = names.map(async (name) => {
    const outcome = calls[name]().then(
      () => 'resolved',
      (error) => error.name,
    );
    return [name, await outcome];
  });
  event.waitUntil(Promise.all(asked).then((entries) => (outcomes[event.type] = Object.fromEntries(entries))));
};

addEventListener('install', (event) => call(event, 'connect', 'match', 'matchAll'));
addEventListener('activate', (event) => call(event, 'match', 'matchAll'));

services.addEventListener('connect', (event) => event.respondWith({accept: true}));
services.addEventListener('message', ({source}) => source.postMessage(outcomes));
