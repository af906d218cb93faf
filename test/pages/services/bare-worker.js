/** Answers on the port that comes with a message, without any of our code. */
addEventListener('message', ({ports: [port]}) => port.postMessage('here'));
addEventListener('install', () => self.skipWaiting());
