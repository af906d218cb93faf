/** Accepts everyone, and tells those who connected as `?observer` what the others say. */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;

services.addEventListener('connect', (event) => {
  const name = new URL(event.targetURL).search === '?observer' ? 'observer' : 'client';
  event.respondWith({accept: true, name});
});

services.addEventListener('message', (event) => {
  const told = services.matchAll({name: 'observer'}).then((observers) => {
    for (const observer of observers) observer.postMessage(event.data);
  });
  event.waitUntil(told);
});
