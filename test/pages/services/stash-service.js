/**
 * Accepts connections by the earlier draft as `?answer=` says, and stashes their ports under `?name=`. By draft A it
 * does what `do` names; see `orders`.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;
const instance = crypto.randomUUID();
// Free when this start of the worker has ended.
navigator.locks.request(instance, () => new Promise(() => {}));
const outcomeOf = (act) => {
  try {
    act();
    return 'nothing';
  } catch (error) {
    return error instanceof DOMException ? error.name : error.constructor.name;
  }
};

/** Ports that were not stashed, or not yet. */
const kept = new Map();
/** What stashed ports' own listeners heard, which is nothing. */
const heard = [];

const answers = {
  // The draft's own example.
  accepted(event, name) {
    const {port1, port2} = new MessageChannel();
    event.acceptConnection(port2);
    self.ports.add(name, port1).postMessage('You are connected!');
  },
  'before accepting'(event, name) {
    const {port1, port2} = new MessageChannel();
    port1.postMessage('before');
    const stashed = self.ports.add(name, port1);
    stashed.postMessage('between');
    event.acceptConnection(Promise.resolve(port2));
    stashed.postMessage('after');
  },
  later(event, name) {
    const {port1, port2} = new MessageChannel();
    event.acceptConnection(port2);
    port1.onmessage = ({data}) => {
      if (data !== 'stash') return port1.postMessage(data);
      port1.postMessage('before');
      self.ports.add(name, port1).postMessage('after');
    };
  },
  'after a while'(event, name) {
    const {port1, port2} = new MessageChannel();
    const stashed = self.ports.add(name, port1);
    stashed.postMessage('early');
    event.acceptConnection(fetch(location.href).then(() => port2));
  },
  'closed while accepting'(event, name) {
    const {port1, port2} = new MessageChannel();
    event.acceptConnection(port2);
    closeWithLastWords(self.ports.add(name, port1));
  },
  'closed before accepting'(event, name) {
    const {port1, port2} = new MessageChannel();
    closeWithLastWords(self.ports.add(name, port1));
    event.acceptConnection(port2);
  },
  'closed later'(event, name) {
    const {port1, port2} = new MessageChannel();
    event.acceptConnection(port2);
    port1.onmessage = () => closeWithLastWords(self.ports.add(name, port1));
  },
  never: (event) => event.acceptConnection(new Promise(() => {})),
  unheard(event, name) {
    const {port1, port2} = new MessageChannel();
    event.acceptConnection(port2);
    kept.set(name, port1);
  },
  plain(event) {
    const {port1, port2} = new MessageChannel();
    event.acceptConnection(port2);
    port1.onmessage = ({data}) => port1.postMessage({data, instance});
  },
};

self.addEventListener('connect', (event) => {
  const {searchParams} = new URL(event.targetURL);
  if (searchParams.has('answer')) answers[searchParams.get('answer')](event, searchParams.get('name') ?? '');
});

self.ports.addEventListener('message', (event) => {
  const {source, data, ports} = event;
  source.onmessage = () => heard.push('onmessage');
  source.addEventListener('message', () => heard.push('listener'));
  if (data === 'what is your event like') {
    source.postMessage({
      tag: `${event}`,
      isMessage: event instanceof ExtendableMessageEvent,
      name: source.name,
      stashed: source instanceof StashedMessagePort,
      port: source instanceof MessagePort,
      origin: event.origin,
      onPorts: event.target === self.ports,
      waitUntil: outcomeOf(() => event.waitUntil(Promise.resolve())),
    });
  } else if (data === 'close') {
    source.close();
  } else {
    source.postMessage({data, instance, name: source.name}, [...ports]);
  }
});

function closeWithLastWords(stashed) {
  stashed.postMessage('last words');
  stashed.close();
}

/** What the console was told. */
const warnings = [];
console.warn = (...text) => warnings.push(text.join(' '));

/** How many ports of this name the database has, of connections. */
async function stored({name}) {
  const result = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await result(indexedDB.open('navigator-connect/1'));
  const ports = await result(database.transaction('ports').objectStore('ports').getAll());
  database.close();
  return ports.filter(({targetURL}) => targetURL && new URL(targetURL).searchParams.get('name') === name).length;
}

const count = async (name) => (await self.ports.match(name)).length;

const orders = {
  instance: () => instance,
  stored,
  warnings: () => warnings,
  connections: async () => (await services.matchAll()).map(({targetURL}) => targetURL),
  count: ({name}) => count(name),
  async tell({name, message}) {
    for (const port of await self.ports.match(name)) port.postMessage(message);
  },
  async close({name}) {
    for (const port of await self.ports.match(name)) port.close();
  },
  heard: () => heard,
  'stash this port': ({name}, {ports: [port]}) => void self.ports.add(name, port),
  // Before the page has an answer, what it posts waits in the port.
  stash: ({name}) => void self.ports.add(name, kept.get(name)),
  async 'is the same'({name}) {
    const [one] = await self.ports.match(name);
    return one === (await self.ports.match(name))[0];
  },
  async 'transfer to client'({name}, {ports}) {
    const [port] = await self.ports.match(name);
    // Through a native port, as to a client.
    ports[0].postMessage('take this', [port]);
    return {left: await count(name), name: port.name, again: outcomeOf(() => ports[0].postMessage(1, [port]))};
  },
  manners: async () => {
    const {port1, port2} = new MessageChannel();
    const transferred = new MessageChannel().port1;
    structuredClone(transferred, {transfer: [transferred]});
    const closed = new MessageChannel().port1;
    closed.close();
    const stashed = self.ports.add('manners', port1);
    const result = {
      tag: `${stashed}`,
      name: stashed.name,
      symbols: outcomeOf(() => self.ports.add(Symbol(), new MessageChannel().port1)),
      twice: outcomeOf(() => self.ports.add('manners', port1)),
      neutered: outcomeOf(() => structuredClone(port1, {transfer: [port1]})),
      transferred: outcomeOf(() => self.ports.add('x', transferred)),
      closedBefore: outcomeOf(() => self.ports.add('x', closed)),
      missing: outcomeOf(() => self.ports.add('x')),
      others: [null, undefined, {}, 1, 'port', new ArrayBuffer(1), Object.create(MessagePort.prototype)].map((value) =>
        outcomeOf(() => self.ports.add('x', value)),
      ),
      constructors: [
        () => new StashedMessagePort(),
        () => new StashedPortCollection(),
        () => new ConnectEvent('x'),
      ].map(outcomeOf),
      sameObject: self.ports === self.ports,
      start: outcomeOf(() => stashed.start()),
      unclonable: outcomeOf(() => stashed.postMessage(() => {})),
      itself: outcomeOf(() => stashed.postMessage(1, [stashed])),
      noArgument: outcomeOf(() => stashed.postMessage()),
      matchWithout: await self.ports.match().catch((error) => error.constructor.name),
      unknown: await self.ports.match('unknown'),
      stashedAgain: self.ports.add('again', stashed).name,
      counts: [await count('manners'), await count('again')],
    };
    for (const port of await self.ports.match('again')) port.close();
    port2.close();
    return {...result, closed: await count('again'), afterClosing: outcomeOf(() => stashed.postMessage('x'))};
  },
};

services.addEventListener('connect', (event) => {
  if (new URL(event.targetURL).search.startsWith('?orders')) event.respondWith({accept: true, name: 'orders'});
});
services.addEventListener('message', (event) => {
  const {data, source} = event;
  event.waitUntil(
    Promise.resolve(orders[data.do](data, event)).then(
      (value) => source.postMessage({value}),
      (error) => source.postMessage({error: `${error}`}),
    ),
  );
});

/**
 * With no window open, perhaps: stashes one end of a channel of its own, and asks it something over the other. How many
 * there are of that name, before and after, goes to the channel of the harness that is named like them.
 */
addEventListener('push', (event) => {
  const name = event.data.text();
  const keep = async () => {
    const before = await count(name);
    const {port1, port2} = new MessageChannel();
    self.ports.add(name, port1);
    const answer = new Promise((resolve) => (port2.onmessage = resolve));
    port2.postMessage('hello');
    const {data} = (await answer).data;
    const body = JSON.stringify({channel: name, data: {before, after: await count(name), data}});
    await fetch('/harness/post', {method: 'POST', body});
  };
  event.waitUntil(keep());
});

// A page gives a port.
self.addEventListener('message', ({data, ports: [port]}) => {
  if (data?.stash !== undefined && port) self.ports.add(data.stash, port);
});

/** With `hold` in its URL, its installation goes on when something is posted at that channel of the harness. */
async function held(channel) {
  const ask = (verb, params) => fetch(`/harness/${verb}`, {method: 'POST', body: JSON.stringify(params)});
  await ask('post', {channel: `${channel} began`, data: true});
  await ask('take', {channel});
}

addEventListener('install', (event) => {
  const {searchParams} = new URL(location.href);
  if (searchParams.has('hold')) event.waitUntil(held(searchParams.get('hold')));
  self.skipWaiting();
});
