/**
 * Answers connections as their URL asks, by the earlier draft: `?answer=` names one of `answers`. What it keeps sends
 * everything back, and does what `please` asks.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;
const instance = crypto.randomUUID();

const nameOf = (error) => (error instanceof DOMException ? error.name : error.constructor.name);
const outcomeOf = (act) => {
  try {
    act();
    return 'nothing';
  } catch (error) {
    return nameOf(error);
  }
};

/** What a client may ask for: the answer. */
const requests = {
  instance: () => instance,
  'serve this port': (_, port, [other]) => {
    keep(other);
    return 'ready';
  },
  close: (_, port) => port.close(),
  'what was the event like': (_, port) => events.get(port),
  'name the kind': ({what}) => Object.prototype.toString.call(what),
  stash: ({name}, port) => {
    self.ports.add(name, port).postMessage('stashed');
  },
  'read the stream': async ({what}) => {
    const {value} = await what.getReader().read();
    return value;
  },
  'send a stream': (_, port) => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue('from the stream');
        controller.close();
      },
    });
    port.postMessage(stream, [stream]);
  },
};

/** What the events of these ports were like. */
const events = new WeakMap();

async function answer(port, {data, ports}) {
  if (!(data?.please in requests)) {
    port.postMessage(data, [...ports]);
    return;
  }
  const reply = await requests[data.please](data, port, ports);
  if (reply !== undefined) port.postMessage(reply);
}

/** Keeps a port, and gives away the other. */
function open() {
  const {port1, port2} = new MessageChannel();
  keep(port1);
  return {port1, port2};
}

function keep(port) {
  port.onmessage = (event) => answer(port, event);
  port.onmessageerror = () => port.postMessage('messageerror');
}

const answers = {
  port(event) {
    const {port1, port2} = open();
    event.acceptConnection(port2);
    port1.postMessage('You are connected!');
    events.set(port1, {
      tag: `${event}`,
      extendable: event instanceof ExtendableEvent,
      isConnectEvent: event instanceof ConnectEvent,
      targetURL: event.targetURL,
      targetUrl: event.targetUrl,
      origin: event.origin,
      onSelf: event.target === self,
      waitUntil: outcomeOf(() => event.waitUntil(Promise.resolve())),
      second: outcomeOf(() => event.acceptConnection(new MessageChannel().port1)),
      withoutArgument: outcomeOf(() => event.acceptConnection()),
    });
    setTimeout(() => {
      events.get(port1).late = outcomeOf(() => event.acceptConnection(new MessageChannel().port1));
      events.get(port1).neutered = outcomeOf(() => structuredClone(port2, {transfer: [port2]}));
    });
  },
  promise(event) {
    const {port2} = open();
    event.acceptConnection(new Promise((resolve) => setTimeout(resolve, 20, port2)));
  },
  thenable: (event) => event.acceptConnection({then: (resolve) => resolve(open().port2)}),
  late: (event) => {
    const wait = new Promise((resolve) => setTimeout(resolve));
    event.waitUntil(wait.then(() => event.acceptConnection(open().port2)).catch(() => {}));
  },
  nothing: () => {},
  rejection: (event) => event.acceptConnection(Promise.reject(new Error('no'))),
  text: (event) => event.acceptConnection('port'),
  null: (event) => event.acceptConnection(null),
  undefined: (event) => event.acceptConnection(undefined),
  buffer: (event) => event.acceptConnection(new ArrayBuffer(1)),
  object: (event) => event.acceptConnection(Object.create(MessagePort.prototype)),
  'transferred port': (event) => {
    const {port2} = open();
    structuredClone(port2, {transfer: [port2]});
    event.acceptConnection(port2);
  },
  'closed port': (event) => {
    const {port2} = open();
    port2.close();
    event.acceptConnection(port2);
  },
  throws: () => {
    setTimeout(() => {});
    throw new Error('thrown by the listener');
  },
  'closes at once': (event) => {
    const {port1, port2} = open();
    event.acceptConnection(port2);
    port1.close();
  },
  closes: (event) => {
    const {port1, port2} = open();
    event.acceptConnection(port2);
    setTimeout(() => {
      port1.postMessage('last words');
      port1.close();
    }, 50);
  },
  silent: (event) => {
    self.kept = new MessageChannel();
    event.acceptConnection(self.kept.port2);
  },
  'draft A': (event) => event.acceptConnection(open().port2),
};

self.onconnect = (event) => {
  const answer = new URL(event.targetURL).searchParams.get('answer');
  if (answer !== 'nothing') answers[answer](event);
};

services.addEventListener('connect', (event) => {
  if (new URL(event.targetURL).searchParams.get('answer') === 'draft A') event.respondWith({accept: true, name: 'A'});
});
services.addEventListener('message', ({source, data}) => {
  log.push(data);
  source.postMessage({by: source.name, data});
});

/** What ports of draft A heard. */
const log = [];

services.addEventListener('close', (event) => {
  const channel = new URL(event.source.targetURL).searchParams.get('channel');
  const body = JSON.stringify({channel, data: [...log, 'close']});
  if (channel) event.waitUntil(fetch('/harness/post', {method: 'POST', body}));
});
