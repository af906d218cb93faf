/** A classic service worker that runs the cases of the module that its URL names; the server makes it a script. */
const module = new URL(location.href).searchParams.get('module').split('/').at(-1);
importScripts('/.well-known/navigator-connect/navigator-connect.js', `/contexts/bundled/${module}.js`);
