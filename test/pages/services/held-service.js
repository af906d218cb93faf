/**
 * Its installation and its activation go on only when the test says so: with true at the channel named after the
 * scope and the event. With false they fail.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const ask = async (verb, params) =>
  (await fetch(`/harness/${verb}`, {method: 'POST', body: JSON.stringify(params)})).json();

const hold = async ({type}) => {
  const channel = `${registration.scope} ${type}`;
  await ask('post', {channel: `${channel} began`, data: true});
  if (!(await ask('take', {channel}))) throw new Error(`${type} is to fail`);
};

addEventListener('install', (event) => event.waitUntil(hold(event)));
addEventListener('activate', (event) => event.waitUntil(hold(event)));

navigator.services.addEventListener('connect', (event) => event.respondWith({accept: true}));
