/** What a case asks of a page of the service's origin that is embedded in its own, and so shares its partition. */
import {activated, update} from './activated.js';

const verbs = {
  /** Registers a service worker, and waits until it is active. */
  async install({script, scope, type}) {
    await activated(await navigator.serviceWorker.register(script, {scope, type}));
  },

  /** Replaces it by a new version; see activated.js. */
  update,

  /** Unregisters a service worker. */
  async uninstall({scope}) {
    await (await navigator.serviceWorker.getRegistration(scope)).unregister();
  },

  /** The scopes of this origin's registrations. */
  scopes: async () => (await navigator.serviceWorker.getRegistrations()).map(({scope}) => scope),

  /** The names of the locks that anyone of this origin holds. */
  locks: async () => (await navigator.locks.query()).held.map(({name}) => name),

  /** Resolves once the lock is free, with the time. */
  free: ({lock}) => navigator.locks.request(lock, {mode: 'shared'}, () => Date.now()),

  /** What the registry of this partition knows. */
  async snapshot() {
    const {snapshot} = await import('/.well-known/navigator-connect/navigator-connect.mjs');
    return snapshot();
  },

  /** Begins to, without waiting for anything. */
  async 'meet the registry'() {
    const {snapshot} = await import('/.well-known/navigator-connect/navigator-connect.mjs');
    snapshot();
  },

  /** Calls a function that a module of these tests exports. */
  call: async ({module, name, params}) => (await import(module))[name](params),

  'post to the parent'({messages, origin}) {
    for (const message of messages) parent.postMessage(message, origin);
  },

  /** Says hello to another frame of the parent, as only the parent may. */
  'greet a sibling'({index, origin}) {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => (greeted = true);
    parent.frames[index].postMessage({navigatorConnect: 1, type: 'hello'}, origin, [port2]);
  },

  'was greeted': () => greeted,

  /** Posts to the registry, with and without a port, and on the channel it listens to. */
  async 'disturb the registry'({messages}) {
    const {CHANNEL, ROOT} = await import('/js/shape.js');
    const {port} = new SharedWorker(`${ROOT}registry.js`, {name: CHANNEL});
    const channel = new BroadcastChannel(CHANNEL);
    await new Promise((resolve) => (port.onmessage = resolve));
    for (const message of messages) {
      port.postMessage(message);
      port.postMessage(message, [new MessageChannel().port1]);
      channel.postMessage(message);
    }
    channel.close();
  },

  /** Posts to a worker, and returns what it sends back until it sends back a last one. */
  async 'talk to the worker'({scope, messages}) {
    const last = crypto.randomUUID();
    const heard = [];
    const all = hear(({heard: message}) => message === last || !heard.push(message));
    const {active} = await navigator.serviceWorker.getRegistration(scope);
    for (const message of messages) active.postMessage(message);
    active.postMessage(last);
    await all;
    return heard;
  },

  /** Asks a worker for something that it says after that. */
  async 'what the worker has'({scope}) {
    const answer = hear((data) => 'heard' in data);
    (await navigator.serviceWorker.getRegistration(scope)).active.postMessage('what?');
    return (await answer).heard;
  },

  async 'errors of the worker'({scope}) {
    const answer = hear((data) => 'errors' in data);
    (await navigator.serviceWorker.getRegistration(scope)).active.postMessage('errors');
    return answer;
  },
};

/** Whether anyone answered the hello. */
let greeted = false;

/** The next message of a service worker that fits. */
const hear = (fits) =>
  new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('message', function listener({data}) {
      if (!fits(data)) return;
      navigator.serviceWorker.removeEventListener('message', listener);
      resolve(data);
    });
    navigator.serviceWorker.startMessages();
  });

addEventListener('message', async ({data, source, ports: [port]}) => {
  if (source !== parent || !(data?.frame in verbs)) return;
  try {
    port.postMessage({value: await verbs[data.frame](data.params ?? {})});
  } catch (error) {
    port.postMessage({error: `${error}`});
  }
});
