/** Service workers: their states, what starts them, who replaces whom, and what they know of their clients. */

/* global help */

const LOG = `self.log = [];
  const states = () => ['installing', 'waiting', 'active'].filter((name) => registration[name]);
  log.push(['evaluated', states(), self.serviceWorker?.state]);
  const is = {
    install: () => states().includes('installing'),
    activate: () => states().join() === 'active',
  };
  for (const type of ['install', 'activate']) {
    addEventListener(type, () => log.push([type, is[type]() ? 'knows' : 'not yet', self.serviceWorker?.state]));
  }`;

/** A frame in the scope of a worker, and controlled by it. */
async function controlled({frame}, {page}) {
  const made = await frame(page);
  const isControlled = await made.run(async () => {
    self.container = navigator.serviceWorker;
    return !!navigator.serviceWorker.controller;
  });
  return Object.assign(made, {isControlled});
}

/** All states that a worker goes through from now on. */
function watch(worker) {
  const said = [worker.state];
  worker.addEventListener('statechange', () => said.push(worker.state));
  return said;
}

/** Registers another version, and returns it. */
async function updated(home, old, more = '') {
  await home.change(`${more}// ${crypto.randomUUID()}`);
  const {registration} = old;
  // With workers that idle for no more than a second, Firefox may end one that is just being evaluated.
  for (let tries = 0, done = false; !done;) {
    done = await registration.update().then(
      () => true,
      (error) => {
        if (++tries === 5) throw error;
      },
    );
  }
  for (;;) {
    const {installing, waiting, active} = registration;
    const found = [installing, waiting, active].find((worker) => worker && worker !== old);
    if (found) return found;
    await help.next(registration, 'updatefound');
  }
}

const replaces = async (env, {skips = false, waits = true} = {}) => {
  const home = await env.home(waits ? '' : '/* one */');
  const old = await home.activated();
  const window = waits ? await controlled(env, home) : undefined;
  const next = await updated(home, old, skips ? `skipWaiting();` : '');
  return {old, next, window, home};
};

const identify = () => (self.identity ??= crypto.randomUUID());

export const serviceWorkers = {
  async 'states of a first version'({home}) {
    const {register} = await home();
    const registration = await register();
    const {installing} = registration;
    if (!installing) return 'not seen';
    const said = watch(installing);
    const where = [];
    installing.addEventListener('statechange', () =>
      where.push(['installing', 'waiting', 'active'].filter((name) => registration[name] === installing)),
    );
    while (installing.state !== 'activated') await help.next(installing, 'statechange');
    return {said, where};
  },

  async 'what a worker sees of itself while it is installed'({home}) {
    const {activated} = await home(LOG);
    const worker = await activated();
    return worker.run(() => self.log);
  },

  async 'the same script again is the same worker'(env) {
    const home = await env.home();
    const worker = await home.activated();
    const again = await home.register();
    return {same: again === worker.registration, active: again.active === worker, installing: again.installing};
  },

  async 'a worker that does not run'({home}) {
    const {register, scope} = await home('throw new Error("expected by a probe")');
    const outcome = await help.outcome(async () => (await register(), 'registered'));
    const left = (await navigator.serviceWorker.getRegistrations()).filter((each) => each.scope === scope).length;
    return {outcome, left};
  },

  async 'a worker that refuses to be installed'({home}) {
    const {register, scope} = await home(`addEventListener('install', (event) => event.waitUntil(Promise.reject(0)))`);
    const registration = await register();
    const {installing} = registration;
    const said = watch(installing);
    while (installing.state !== 'redundant') await help.next(installing, 'statechange');
    return said;
  },

  async 'a script that is missing'({own}) {
    const scope = `${own}/probes/${crypto.randomUUID()}/`;
    return help.outcome(async () => (await navigator.serviceWorker.register(`${scope}sw.js`, {scope}), 'registered'));
  },

  async updatefound({home}) {
    const {register} = await home();
    const registration = await register();
    const first = help.next(registration, 'updatefound');
    await first;
    return !!registration.installing || registration.waiting || registration.active ? 'heard' : 'heard of nothing';
  },

  async 'what is posted to a worker arrives in order'({home}) {
    const {activated} = await home(`self.heard = [];
      addEventListener('message', ({data}) => typeof data === 'number' && self.heard.push(data));`);
    const worker = await activated();
    for (let i = 0; i < 10; i++) worker.postMessage(i);
    return worker.run(() => self.heard);
  },

  async 'what is posted to a worker that is being installed'({home, reached}) {
    const {register} = await home(`self.heard = [];
      addEventListener('activate', () => self.heard.push('activate'));
      addEventListener('message', ({data}) => data === 'early' && self.heard.push(data));`);
    const registration = await register();
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    worker.postMessage('early');
    await reached(worker, 'activated');
    return help.command(worker, () => self.heard);
  },

  async 'a worker that listens late'({home, name, serve, reached}) {
    const channel = new BroadcastChannel(name());
    const {script, register} = await home();
    await serve(
      script,
      `let heard = 0;
      const channel = new BroadcastChannel(${JSON.stringify(channel.name)});
      channel.onmessage = ({data}) => data === 'how many?' && channel.postMessage(heard);
      addEventListener('activate', (event) => {
        addEventListener('message', () => heard++);
        event.waitUntil(Promise.resolve());
      });`,
    );
    const registration = await register();
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    await reached(worker, 'activated');
    worker.postMessage('hello');
    worker.postMessage('hello');
    let count = 0;
    for (let i = 0; i < 20 && count < 2; i++) {
      const heard = help.next(channel);
      channel.postMessage('how many?');
      count = (await heard).data;
    }
    channel.close();
    return count;
  },

  async 'a port between a page and a worker'({home}) {
    const {activated} = await home(`addEventListener('message', ({data, ports: [port]}) => {
      if (data !== 'port') return;
      port.onmessage = ({data}) => port.postMessage(data + 1);
    })`);
    const worker = await activated();
    const {port1, port2} = new MessageChannel();
    worker.postMessage('port', [port2]);
    port1.postMessage(1);
    const heard = help.next(port1);
    port1.start();
    return (await heard).data;
  },

  async 'who posted, as a worker is told'({home}) {
    const {activated} = await home(`addEventListener('message', ({data, source, origin, ports: [port]}) => {
      if (data === 'who?') port.postMessage([source?.constructor.name, source?.type, typeof source?.id, origin === location.origin]);
    })`);
    const worker = await activated();
    const {port1, port2} = new MessageChannel();
    const heard = help.next(port1);
    port1.start();
    worker.postMessage('who?', [port2]);
    return (await heard).data;
  },

  async 'extending the life of an event that is over'({home}) {
    const {activated} = await home(
      `addEventListener('message', (event) => event.data === 'keep' && (self.kept = event))`,
    );
    const worker = await activated();
    worker.postMessage('keep');
    return worker.run(async () => {
      // That it is over is known a moment later.
      await new Promise((resolve) => setTimeout(resolve, 10));
      return help.outcome(() => (self.kept.waitUntil(Promise.resolve()), 'extended'));
    });
  },

  async 'a new script after the installation'({home, script}) {
    const url = await script('self.imported = 1;');
    const early = await script('self.early = 1;');
    const {activated} = await home(`importScripts(${JSON.stringify(early)})`);
    const worker = await activated();
    return worker.run(
      async (url, early) => ({
        early: self.early,
        again: await help.outcome(() => (importScripts(early), 'imported')),
        late: await help.outcome(() => (importScripts(url), 'imported')),
      }),
      url,
      early,
    );
  },

  async 'who is among the clients'({home, frame, worker: dedicated, name}) {
    const {activated} = await home();
    const worker = await activated();
    const window = await frame();
    await window.run(() => 0);
    await help.turn(help.shared(name('listed')));
    await (await dedicated()).run(() => 0);
    const kinds = (options) =>
      worker.run(async (options) => {
        const list = await clients.matchAll(options);
        return [
          ...new Set(
            list.map(({type, url}) => `${type} ${new URL(url).pathname.endsWith('sw.js') ? 'itself' : ''}`.trim()),
          ),
        ].sort();
      }, options);
    return {
      all: await kinds({includeUncontrolled: true, type: 'all'}),
      windows: await kinds({includeUncontrolled: true, type: 'window'}),
      controlled: await kinds({type: 'all'}),
    };
  },

  async 'a worker posts to a window, with a port'({home, frame}) {
    const {activated} = await home();
    const worker = await activated();
    const {run, remove} = await frame();
    await run(() => {
      self.heard = help.next(navigator.serviceWorker);
      navigator.serviceWorker.startMessages();
    });
    await worker.run(async () => {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = ({data}) => port1.postMessage(data + 1);
      self.kept = port1;
      for (const client of await clients.matchAll({includeUncontrolled: true, type: 'window'})) {
        if (client.url.endsWith('puppet.html')) client.postMessage('with a port', [port2]);
      }
    });
    const outcome = await run(async () => {
      const {
        data,
        ports: [port],
        source,
        origin,
      } = await self.heard;
      const answer = help.next(port);
      port.start();
      port.postMessage(1);
      return [data, (await answer).data, source?.constructor.name, origin === location.origin];
    });
    remove();
    return outcome;
  },

  async 'a window need not ask for what workers post, once it is loaded'({home, frame}) {
    const {activated} = await home();
    const worker = await activated();
    const {run} = await frame();
    await run(() => void (self.heard = help.next(navigator.serviceWorker)));
    await worker.run(async () => {
      const list = await clients.matchAll({includeUncontrolled: true, type: 'window'});
      for (const client of list) client.postMessage('to whoever listens');
    });
    return run(async () => (await self.heard).data);
  },

  async 'a worker posts to a shared worker'({home, name}) {
    const {activated} = await home();
    const worker = await activated();
    const shared = help.shared(name());
    await help.command(shared, () => {
      self.heard = [];
      addEventListener('message', ({data}) => typeof data === 'string' && self.heard.push(data));
      navigator.serviceWorker?.addEventListener('message', ({data}) => self.heard.push(`container: ${data}`));
      navigator.serviceWorker?.startMessages?.();
    });
    const count = await worker.run(async () => {
      const list = await clients.matchAll({includeUncontrolled: true, type: 'sharedworker'});
      for (const client of list) client.postMessage('to a shared worker');
      return list.length;
    });
    for (let i = 0; i < 5; i++) {
      await worker.run(() => 0);
      await help.turn(shared);
    }
    return {listed: count > 0, heard: await help.command(shared, () => self.heard)};
  },

  async 'a worker knows itself'({home}) {
    const {activated} = await home();
    const worker = await activated();
    return worker.run(() => [
      self.serviceWorker?.state.startsWith('activat'),
      !!self.registration.active,
      !!navigator.serviceWorker,
    ]);
  },

  async 'a shared worker lists registrations'({home, name}) {
    const {activated, scope} = await home();
    await activated();
    return help.command(
      help.shared(name()),
      async (scope) =>
        navigator.serviceWorker
          ? (await navigator.serviceWorker.getRegistrations()).some((each) => each.scope === scope && each.active)
          : 'it can not',
      scope,
    );
  },
};

/** How one is replaced or removed: Firefox waits until it is idle. */
export const updates = {
  async 'what the next version sees of itself'(env) {
    const home = await env.home(LOG);
    const old = await home.activated();

    const worker = await updated(home, old, `${LOG} skipWaiting(); //`);
    await env.reached(worker, 'activated');
    return help.command(worker, () => self.log);
  },

  async 'a new version waits until the pages are closed'(env) {
    const {old, next, window} = await replaces(env);
    await env.reached(next, 'installed');
    const {run} = await env.frame();
    await run(() => 0);
    const before = [old.state, next.state];
    const said = watch(next);
    window.remove();
    await env.reached(next, 'activated');
    return {isControlled: window.isControlled, before, said, old: old.state};
  },

  async 'a new version that skips waiting'(env) {
    const {old, next} = await replaces(env, {skips: true});
    await env.reached(next, 'activated');
    return {old: old.state};
  },

  async 'a new version where there is no page'(env) {
    const {old, next} = await replaces(env, {waits: false});
    await env.reached(next, 'activated');
    return {old: old.state};
  },

  async 'the lock of a worker that was replaced'(env) {
    const lock = env.name();
    const home = await env.home();
    const old = await home.activated();
    await old.run(async (lock) => void (await help.hold(lock)), lock);
    const held = await help.isFree(lock);
    const next = await updated(home, old);
    await env.reached(next, 'activated');
    await help.free(lock);
    return {free: held, old: old.state};
  },

  async 'an event that is not over puts an update off'(env) {
    const home = await env.home(`addEventListener('message', (event) => {
      if (event.data === 'last') event.waitUntil(new Promise((resolve) => (self.finish = resolve)));
    })`);
    const old = await home.activated();
    old.postMessage('last');
    await old.run(() => 0);
    const next = await updated(home, old, 'skipWaiting();');
    await env.reached(next, 'installed', 'activating', 'activated');
    await old.run(() => 0);
    await old.run(() => 0);
    const before = [old.state, next.state];
    await old.run(() => self.finish());
    await env.reached(next, 'activated');
    return {before, old: old.state};
  },

  async 'unregistering, where there is no page'({home}) {
    const {activated, scope} = await home();
    const worker = await activated();
    const said = watch(worker);
    const outcome = await worker.registration.unregister();
    const left = (await navigator.serviceWorker.getRegistrations()).some((each) => each.scope === scope);
    while (worker.state !== 'redundant') await help.next(worker, 'statechange');
    return {outcome, left, said, again: await worker.registration.unregister()};
  },

  async 'unregistering while a page is controlled'(env) {
    const home = await env.home();
    const worker = await home.activated();
    const window = await controlled(env, home);
    await worker.registration.unregister();
    const left = (await navigator.serviceWorker.getRegistrations()).some((each) => each.scope === home.scope);
    const answers = await worker.run(() => 'answers');
    const before = worker.state;
    window.remove();
    return {left, answers, before};
  },

  async 'unregistered and registered again'(env) {
    const home = await env.home();
    const worker = await home.activated();
    await worker.registration.unregister();
    const again = await home.activated();
    return {same: again === worker, old: worker.state};
  },
};

/** What only an engine that stops workers when asked to, or soon, can show. */
export const stops = {
  async 'a message starts a worker that was stopped'({home, stop}) {
    const {activated} = await home();
    const worker = await activated();
    const before = await worker.run(identify);
    await stop(worker);
    return {same: (await worker.run(identify)) === before, state: worker.state};
  },

  async 'messages to a worker that was stopped arrive in order'({home, stop}) {
    const {activated} = await home(`self.heard = [];
      addEventListener('message', ({data}) => typeof data === 'number' && self.heard.push(data));`);
    const worker = await activated();
    await stop(worker);
    for (let i = 0; i < 10; i++) worker.postMessage(i);
    return worker.run(() => self.heard);
  },

  async 'the port of a worker that was stopped, and its lock'({home, stop, name}) {
    const {activated} = await home(`addEventListener('message', ({data, ports: [port]}) => {
      if (data === 'port') (self.kept = port).onmessage = ({data}) => port.postMessage(data + 1);
    })`);
    const worker = await activated();
    const lock = name();
    const {port1, port2} = new MessageChannel();
    const said = [];
    for (const type of ['message', 'messageerror', 'close'])
      port1.addEventListener(type, ({data}) => said.push([type, data]));
    port1.start();
    worker.postMessage('port', [port2]);
    port1.postMessage(1);
    await worker.run(async (lock) => void (await help.hold(lock)), lock);
    await stop(worker);
    await help.free(lock);
    port1.postMessage(2);
    for (let i = 0; i < 3; i++) await worker.run(() => 0);
    return said;
  },

  async 'what a worker that was restarted sees of itself'({home, stop}) {
    const {activated} = await home(LOG);
    const worker = await activated();
    await stop(worker);
    return worker.run(() => self.log);
  },
};
