/**
 * A client that stashes its ports: its pages tell it where to connect and what to post there, and hear on the broadcast
 * channel that is named like the port what came. It connects while it is installed, if its URL says where; with `hold`
 * there, its installation goes on when something is posted at that channel of the harness.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const instance = crypto.randomUUID();
const channels = new Map();

const tell = (name, data) => {
  if (!channels.has(name)) channels.set(name, new BroadcastChannel(name));
  channels.get(name).postMessage(data);
};

const connect = async (url, name) => self.ports.add(name, await navigator.connect(url));

const ask = (verb, params) => fetch(`/harness/${verb}`, {method: 'POST', body: JSON.stringify(params)});

addEventListener('install', (event) => {
  const {connect: url, name, hold: channel} = Object.fromEntries(new URL(location.href).searchParams);
  self.skipWaiting();
  const install = async () => {
    if (url) await connect(url, name);
    if (!channel) return;
    await ask('post', {channel: `${channel} began`, data: true});
    await ask('take', {channel});
  };
  event.waitUntil(install());
});

self.ports.onmessage = ({source, data}) => tell(source.name, data);

const orders = {
  connect: ({url, name}) => connect(url, name).then(() => {}),
  async plain({url, name}) {
    self.plain = await navigator.connect(url);
    self.plain.onmessage = ({data}) => tell(name, data);
  },
  async post({name, message}) {
    const ports = await self.ports.match(name);
    for (const port of ports) port.postMessage(message);
    return ports.length;
  },
  instance: () => instance,
};

addEventListener('message', (event) => {
  const {data, ports} = event;
  if (!(data?.order in orders) || ports.length !== 1) return;
  event.waitUntil(
    Promise.resolve(orders[data.order](data)).then(
      (value) => ports[0].postMessage({value}),
      (error) => ports[0].postMessage({error: `${error}`}),
    ),
  );
});
