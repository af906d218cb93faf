/** A module; as a classic script it would not even parse. */
import {install} from '/.well-known/navigator-connect/navigator-connect.mjs';

install();

navigator.services.addEventListener('connect', (event) => event.respondWith({accept: true}));
navigator.services.addEventListener('message', ({source}) => source.postMessage(import.meta.url));
