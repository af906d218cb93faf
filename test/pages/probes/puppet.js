/**
 * What every context of a probe has: it runs the functions that are sent to it, and has `help` for them. A classic
 * script, for windows and for workers of every kind.
 */
var help = {
  /** Where this script is. */
  script: '/probes/puppet.js',

  /** Has another context run a function that refers to nothing around it, and returns what that returns. */
  command(target, run, ...args) {
    const {port1, port2} = new MessageChannel();
    return new Promise((resolve, reject) => {
      port1.onmessage = ({data: {error, value}}) => {
        port1.close();
        if (error) reject(new Error(error));
        else resolve(value);
      };
      target.postMessage({probe: `${run}`, args}, [port2]);
    });
  },

  /** The next event. */
  next: (target, type = 'message') => new Promise((resolve) => target.addEventListener(type, resolve, {once: true})),

  /** Holds a lock until what it returns is called. */
  hold: (name, options = {}) =>
    new Promise((resolve, reject) => {
      const held = () => new Promise((release) => resolve(() => release(undefined)));
      navigator.locks.request(name, options, held).catch(reject);
    }),

  /** Resolves once nobody holds the lock, nor waited for it before. */
  free: (name) => navigator.locks.request(name, () => {}),

  /** Whether nobody holds it now. */
  isFree: (name) => navigator.locks.request(name, {ifAvailable: true}, (lock) => lock !== null),

  /** A shared worker that runs what it is sent. */
  shared(name, script = help.script) {
    const {port} = new SharedWorker(script, name);
    port.start();
    return port;
  },

  /** There and back to another context, by a port. */
  async turn(worker) {
    await help.command(worker, () => {});
  },

  /** The result of a request of a database. */
  result: (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    }),

  /** A database with one store. */
  database(name) {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () => request.result.createObjectStore('store', {keyPath: 'id'});
    return help.result(request);
  },

  /** What can be posted to workers of other processes, and not be read there. */
  unreadable: () =>
    'Unreadable' in self
      ? new self.Unreadable()
      : new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])),

  /** The name of what is thrown, or what is returned. */
  async outcome(act) {
    try {
      return await act();
    } catch (error) {
      return error.name;
    }
  },

  post: (channel, data) => fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data})}),
  take: async (channel) => (await fetch('/harness/take', {method: 'POST', body: JSON.stringify({channel})})).json(),
};

(() => {
  const run = async ({probe, args}) => {
    try {
      return {value: await (0, eval)(`(${probe})`)(...args)};
    } catch (error) {
      return {error: `${error.name}: ${error.message}\n${error.stack}`};
    }
  };
  const obey = (event) => {
    const {data, ports} = event;
    if (!data?.probe) return;
    const answered = run(data).then((answer) => ports[0].postMessage(answer));
    event.waitUntil?.(answered);
  };
  if ('onconnect' in self) addEventListener('connect', ({ports: [port]}) => (port.onmessage = obey));
  else addEventListener('message', obey);

  // A tab is told by way of the test; one that is left meanwhile must not be waiting for that.
  const channel = 'document' in self && new URLSearchParams(location.search).get('tab');
  if (!channel) return;
  addEventListener('pageshow', ({persisted}) => persisted && help.post(`${channel} shown`, 'again'));
  (async () => {
    await help.post(`${channel} shown`, 'loaded');
    for (let last = false; !last;) {
      const command = await help.take(channel);
      ({last} = command);
      await (await help.post(`${channel} answers`, await run(command))).json();
    }
    // With a request under way, no page enters the cache.
    const idle = new BroadcastChannel(`${channel} idle`);
    idle.postMessage('idle');
    idle.close();
  })();
})();
