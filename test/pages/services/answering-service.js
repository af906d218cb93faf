/**
 * Answers connection attempts as their URL's `answer` says, tells the ports named `reports` what came of it, and
 * answers messages: with their data and ports, or as their `please` asks.
 */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;

const report = async (message) => {
  for (const port of await services.matchAll({name: 'reports'})) port.postMessage(message);
};

const outcomeOf = (promise) =>
  promise.then(
    (port) => ({resolved: port instanceof ServicePort}),
    (error) => ({rejected: error.name, isDOMException: error instanceof DOMException}),
  );

const thenable = (value) => ({then: (resolve) => resolve(value)});
const rejection = (reason) => {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
};
const accepting = (name) => ({
  accept: {
    toString() {
      throw new Error('a boolean is not converted like a string');
    },
  },
  name,
});

/** What to pass to `respondWith`, by the URL's `answer`. */
const responses = {
  accept: (params) => ({accept: true, name: params.get('name') ?? undefined, data: params.get('data') ?? undefined}),
  truthy: () => accepting(),
  promise: () => Promise.resolve({accept: true}),
  thenable: () => thenable({accept: true}),
  function: () => Object.assign(() => {}, {accept: true}),
  refuse: () => ({accept: false, name: 'refused'}),
  'no-accept': () => ({name: 'refused'}),
  falsy: () => ({accept: ''}),
  undefined: () => undefined,
  null: () => null,
  string: () => 'accept',
  number: () => Promise.resolve(1),
  symbol: () => thenable(Symbol()),
  reject: () => rejection(new RangeError('a secret of the service')),
  'throwing-getter': () => ({
    get accept() {
      throw new RangeError('a secret of the service');
    },
  }),
  'symbol-name': () => ({accept: true, name: Symbol()}),
  unclonable: () => ({accept: true, data: () => {}}),
  'longest-name': () => ({accept: true, name: 'x'.repeat(65_536)}),
  'too-long-name': () => ({accept: true, name: 'x'.repeat(65_537)}),
  'too-much-data': () => ({accept: true, data: new Uint8Array((16 << 20) + 1)}),
  'when-told': (params, url) => {
    report({heard: url});
    return new Promise((resolve) => waiting.set(url, resolve));
  },
};

/** Those that wait to be told, by URL. */
const waiting = new Map();

/** Responds, and reports in which order the promise settled and the other side was told. */
function respondInOrder(event, response) {
  const {prototype} = MessagePort;
  const {postMessage} = prototype;
  const order = [];
  const told = new Promise((resolve) => {
    prototype.postMessage = function (message, ...more) {
      postMessage.call(this, message, ...more);
      // The client hears the one, and its bridge the other, which is the last.
      if (message?.type === 'hello' || message?.type === 'answered') order.push(message.type);
      if (message?.type === 'answered') resolve();
    };
  });
  const settled = () => order.push('settled');
  event.respondWith(response).then(settled, settled);
  const reported = told.then(() => {
    prototype.postMessage = postMessage;
    return report({ordered: event.targetURL, order});
  });
  event.waitUntil(reported);
}

services.addEventListener('connect', (event) => {
  const {searchParams} = new URL(event.targetURL);
  const answer = searchParams.get('answer');
  const {targetURL, origin} = event;
  const facts = {
    targetURL,
    origin,
    bubbles: event.bubbles,
    cancelable: event.cancelable,
    isExtendable: event instanceof ExtendableEvent,
    tag: `${event}`,
    target: event.target === services,
  };
  const outcomes = [];
  const reasons = [];
  const respond = (...args) => {
    const promise = event.respondWith(...args);
    promise.catch(({message}) => reasons.push(message));
    outcomes.push(promise instanceof Promise && outcomeOf(promise));
  };
  if (answer in responses) respond(responses[answer](searchParams, targetURL));
  else if (answer === 'twice') for (const accept of [true, false]) respond({accept});
  else if (answer === 'without-argument') respond();
  else if (answer === 'late') event.waitUntil(Promise.resolve().then(() => respond({accept: true})));
  else if (answer === 'greet') event.respondWith({accept: true}).then((port) => port.postMessage('You are connected!'));
  else if (answer === 'in-order') respondInOrder(event, {accept: searchParams.has('accept')});
  else if (answer === 'throw') throw new RangeError('a listener failed, which the browser reports');
  const reported = Promise.resolve().then(async () => report({facts, outcomes: await Promise.all(outcomes), reasons}));
  event.waitUntil(reported);
});

services.addEventListener('connect', (event) => {
  const {searchParams} = new URL(event.targetURL);
  report({secondListener: event.targetURL});
  if (searchParams.get('answer') === 'by-second-listener') event.respondWith({accept: true});
});

/** What can be transferred. */
const things = {
  ImageBitmap: () => createImageBitmap(new ImageData(2, 3)),
  ReadableStream: () => new Blob(['in it']).stream(),
};

const kindOf = (value) => Object.prototype.toString.call(value);

/** What a client may ask for. */
const requests = {
  'script-made event': async () => {
    const event = new ServicePortConnectEvent('connect', {targetURL: 'x', origin: 'y'});
    const outcomes = [];
    services.addEventListener(
      'connect',
      (event) => {
        event.stopImmediatePropagation();
        outcomes.push(outcomeOf(event.respondWith({accept: true})));
      },
      {once: true, capture: true},
    );
    services.dispatchEvent(event);
    return {outcomes: await Promise.all(outcomes), targetURL: event.targetURL, origin: event.origin};
  },
  'what is your port like': async (event) => {
    const {targetURL, name, data} = event.source;
    return {targetURL, name, data, found: (await services.match({name})) === event.source};
  },
  'what is your event like': async (event) => ({
    tag: `${event}`,
    isMessage: event instanceof ExtendableMessageEvent,
    origin: event.origin,
    lastEventId: event.lastEventId,
    frozen: Object.isFrozen(event.ports),
    waitUntil: typeof event.waitUntil,
  }),
  accept: async ({data: {url}}) => waiting.get(url)({accept: true}),
  'name the kind': async ({data}) => report({kind: kindOf(data.what)}),
  'name the kinds on this port': async ({source, ports: [port]}) => {
    port.onmessage = ({data}) => source.postMessage(kindOf(data.what));
    port.onmessageerror = () => source.postMessage('messageerror');
    return 'ready';
  },
  'transfer what you have': async ({source}) => {
    const [bare, view, nested] = [Uint8Array.of(1, 2), Uint8Array.of(3, 4), Uint8Array.of(5, 6)];
    source.postMessage(bare.buffer, [bare.buffer]);
    source.postMessage(view, {transfer: [view.buffer]});
    source.postMessage({nested}, [nested.buffer]);
    return {left: [bare, view, nested].map(({byteLength}) => byteLength)};
  },
  // To the client; or, as often as it asks on it, on the port that came with this.
  'transfer a thing': async ({source, data, ports: [port]}) => {
    const transfer = async (target) => {
      try {
        const what = await things[data.kind]();
        target.postMessage({what}, [what]);
      } catch ({name}) {
        target.postMessage({what: name});
      }
    };
    if (!port) return transfer(source);
    port.onmessage = () => transfer(port);
    return 'ready';
  },
  'what do you hear, one after the other': async ({data: {count}}) => {
    const heard = [];
    while (heard.length < count) {
      const {data} = await new Promise((resolve) => services.addEventListener('message', resolve, {once: true}));
      heard.push(data);
    }
    return {heard};
  },
  report: async ({data, source}) => report({heard: source.targetURL, text: data.text}),
};

services.addEventListener('message', (event) => {
  const {data, source, ports} = event;
  if (data?.please === 'close') source.close();
  else if (data?.please in requests)
    event.waitUntil(requests[data.please](event).then((answer) => answer && source.postMessage(answer)));
  else source.postMessage(data, [...ports]);
});

services.addEventListener('messageerror', (event) => {
  const {source} = event;
  event.waitUntil(report({messageerror: source.targetURL, isMessage: event instanceof ExtendableMessageEvent}));
});

services.addEventListener('close', (event) => {
  const {source} = event;
  const {name, targetURL, data} = source;
  event.waitUntil(
    services
      .matchAll()
      .then((ports) => report({closed: targetURL, name, data, tag: `${event}`, listed: ports.includes(source)})),
  );
});
