/** Pages and frames that are left, and the back/forward cache. */

/* global help */

/** Leaves a tab and comes back to it: is the page still there, or loaded anew? */
async function leftAndBack(env, prepare, meanwhile = () => {}, ...args) {
  const tab = await env.tab();
  await tab.runLast(prepare, ...args);
  const arrived = env.name('arrived');
  await tab.navigate(`${env.own}/probes/puppet.html?${new URLSearchParams({tab: arrived})}`);
  await env.ask('take', {channel: `${arrived} shown`});
  await meanwhile();
  await tab.back();
  const shown = await tab.shown();
  await tab.close();
  return shown;
}

export const pages = {
  'going back to a page': (env) => leftAndBack(env, () => {}),

  'going back to a page with a broadcast channel, a database, a shared worker': (env) =>
    leftAndBack(
      env,
      async (key) => {
        self.channel = new BroadcastChannel(key);
        self.database = await help.database(key);
        self.port = help.shared(key);
        await help.turn(self.port);
      },
      undefined,
      env.name(),
    ),

  async 'going back to a page that holds a lock'(env) {
    return leftAndBack(env, async (lock) => void (await help.hold(lock)), undefined, env.name());
  },

  async 'going back to a page that holds a lock of a worker of its'(env) {
    return leftAndBack(
      env,
      async (lock) => {
        self.worker = new Worker(help.script);
        await help.command(self.worker, async (lock) => void (await help.hold(lock)), lock);
      },
      undefined,
      env.name(),
    );
  },

  async 'going back to a page that gave its lock back when it was left'(env) {
    return leftAndBack(
      env,
      async (lock) => {
        const release = await help.hold(lock);
        addEventListener('pagehide', release);
      },
      undefined,
      env.name(),
    );
  },

  async 'a broadcast to a page that was left'(env) {
    const key = env.name();
    const channel = new BroadcastChannel(key);
    const shown = await leftAndBack(
      env,
      (key) => {
        self.channel = new BroadcastChannel(key);
        self.channel.onmessage = () => {};
      },
      async () => {
        channel.postMessage('anyone?');
        const {run} = await env.frame();
        await run(() => 0);
      },
      key,
    );
    channel.close();
    return shown;
  },

  async 'what a removed frame says at its end'({frame, name}) {
    const channel = new BroadcastChannel(name());
    const lock = name();
    const {port1, port2} = new MessageChannel();
    const said = [];
    channel.onmessage = ({data}) => said.push(data);
    port1.onmessage = ({data}) => said.push(data);
    const {run, remove, target} = await frame();
    await run(
      async (channel, lock) => {
        await help.hold(lock);
        self.channel = new BroadcastChannel(channel);
        addEventListener('message', ({data, ports: [port]}) => data === 'port' && (self.port = port));
        addEventListener('pagehide', ({persisted}) => {
          self.channel.postMessage(`channel ${persisted}`);
          self.port.postMessage('port');
        });
      },
      channel.name,
      lock,
    );
    target.postMessage('port', [port2]);
    await run(() => 0);
    remove();
    await help.free(lock);
    const other = await frame();
    for (let i = 0; i < 3; i++) await other.run(() => 0);
    channel.close();
    return said.sort();
  },

  async 'a frame that can not be loaded'({own}) {
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.src = `${own}/probes/${crypto.randomUUID()}/missing.html`;
    const event = Promise.race(['load', 'error'].map((type) => help.next(frame, type)));
    document.documentElement.append(frame);
    const {type} = await event;
    frame.remove();
    return type;
  },

  async 'a frame is loaded once its scripts have run'({own, serve}) {
    const url = `${own}/probes/${crypto.randomUUID()}/page.html`;
    await serve(url, `<!doctype html><script>parent.postMessage('runs', location.origin)</script>`, 'text/html');
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.src = url;
    const said = [];
    const end = new AbortController();
    const heard = new Promise((resolve) =>
      addEventListener('message', ({data}) => data === 'runs' && resolve(said.push('message')), {signal: end.signal}),
    );
    const loaded = help.next(frame, 'load').then(() => said.push('load'));
    document.documentElement.append(frame);
    await Promise.all([heard, loaded]);
    end.abort();
    frame.remove();
    return said;
  },

  async 'a removed frame takes what was posted to it along'({frame}) {
    const {port1, port2} = new MessageChannel();
    const {run, target, remove} = await frame();
    await run(() =>
      addEventListener('message', ({ports: [port], data}) => data === 'port' && port.postMessage('heard')),
    );
    const said = [];
    port1.onmessage = ({data}) => said.push(data);
    target.postMessage('port', [port2]);
    remove();
    const other = await frame();
    for (let i = 0; i < 3; i++) await other.run(() => 0);
    return said;
  },
};
