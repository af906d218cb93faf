/**
 * A client in a worker of any kind: a page tells it what to do, with the channel of the harness that is to hear what
 * came of it, and then what its port hears.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;

const post = (channel, data) => fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data})});

async function obey({channel, connect, say}) {
  const begin = Date.now();
  try {
    if (connect) {
      const attempt = services.connect(connect, {name: channel, installWorker: true});
      await post(channel, 'begun');
      await attempt;
      await post(channel, {connected: connect, took: Date.now() - begin});
    }
    if (say) (await services.match({name: channel})).postMessage(say);
  } catch (error) {
    await post(channel, {failed: error.name ?? `${error}`, took: Date.now() - begin});
  }
}

services.addEventListener('message', (event) => {
  const told = post(event.source.name, {heard: event.data});
  event.waitUntil?.(told);
});
services.addEventListener('close', ({source}) => post(source.name, {closed: source.targetURL}));

if ('onconnect' in self && !('clients' in self)) {
  self.onconnect = ({ports: [port]}) => (port.onmessage = ({data}) => obey(data));
} else {
  addEventListener('message', (event) => {
    if (!event.data.channel) return;
    const obeyed = obey(event.data);
    event.waitUntil?.(obeyed);
  });
}
