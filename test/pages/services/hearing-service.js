/**
 * An application with messages of its own: sends back what it hears by `ServiceWorker.postMessage`, and tells how
 * many errors escaped, and what went to its console, when asked for `errors`. Its connections echo.
 */
let errors = 0;
const said = [];
const {error} = console;
console.error = (text) => {
  said.push(text);
  error.call(console, text);
};
for (const type of ['error', 'unhandledrejection']) addEventListener(type, () => errors++);

importScripts('/.well-known/navigator-connect/navigator-connect.js');

addEventListener('message', ({data, source}) => source.postMessage(data === 'errors' ? {errors, said} : {heard: data}));

navigator.services.addEventListener('connect', (event) => event.respondWith({accept: true}));
navigator.services.addEventListener('message', ({data, source}) => source.postMessage(data));
