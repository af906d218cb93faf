/** What frames of another origin share with the pages of their own. */

/* global help */

/** What a tab of an origin has, and whether a frame of that origin in this page sees it. */
async function shared(env, origin) {
  const key = env.name();
  const tab = await env.tab(origin);
  const frame = await env.frame(origin);
  const scope = `${origin}/probes/${crypto.randomUUID()}/`;
  await env.serve(`${scope}sw.js`, '// nothing');
  await tab.run(
    async (key, scope) => {
      await help.hold(key);
      (await help.database(key)).close();
      self.channel = new BroadcastChannel(key);
      self.channel.onmessage = ({data}) => data === 'anyone?' && self.channel.postMessage('here');
      self.worker = help.shared(key);
      self.identity = await help.command(self.worker, () => (self.identity ??= crypto.randomUUID()));
      self.registration = await navigator.serviceWorker.register(`${scope}sw.js`, {scope});
      const worker = self.registration.installing ?? self.registration.waiting ?? self.registration.active;
      while (worker.state !== 'activated') await help.next(worker, 'statechange');
    },
    key,
    scope,
  );
  const seen = await frame.run(
    async (key, scope) => {
      const channel = new BroadcastChannel(key);
      let heard = false;
      channel.onmessage = () => (heard = true);
      channel.postMessage('anyone?');
      const worker = help.shared(key);
      const identity = await help.command(worker, () => (self.identity ??= crypto.randomUUID()));
      const locks = !(await help.isFree(key));
      const databases = (await indexedDB.databases()).some(({name}) => name === key);
      const registrations = (await navigator.serviceWorker.getRegistrations()).some((each) => each.scope === scope);
      self.heard = () => heard;
      return {identity, locks, databases, registrations};
    },
    key,
    scope,
  );
  for (let i = 0; i < 2; i++) {
    await tab.run(() => 0);
    await frame.run(() => 0);
  }
  const channels = await frame.run(() => self.heard());
  const workers = (await tab.run(() => self.identity)) === seen.identity;
  await tab.run(() => self.registration.unregister());
  frame.remove();
  await tab.close();
  const {locks, databases, registrations} = seen;
  return {locks, databases, registrations, channels, workers};
}

export const partitions = {
  'what a frame of the same origin shares': (env) => shared(env, env.own),
  'what a frame of the same site shares': (env) => shared(env, env.sameSite),
  'what a frame of another site shares': (env) => shared(env, env.crossSite),

  async 'a frame of another site has service workers of its own'({frame, crossSite, serve}) {
    const scope = `${crossSite}/probes/${crypto.randomUUID()}/`;
    await serve(`${scope}sw.js`, `addEventListener('message', ({ports: [port]}) => port.postMessage('answers'))`);
    const register = async (scope) => {
      const registration = await navigator.serviceWorker.register(`${scope}sw.js`, {scope});
      const worker = registration.installing ?? registration.waiting ?? registration.active;
      while (worker.state !== 'activated') await help.next(worker, 'statechange');
      const {port1, port2} = new MessageChannel();
      const heard = help.next(port1);
      port1.start();
      worker.postMessage(0, [port2]);
      return (await heard).data;
    };
    const first = await frame(crossSite);
    const answer = await first.run(register, scope);
    const second = await frame(crossSite);
    const seen = await second.run(async (scope) => {
      const all = await navigator.serviceWorker.getRegistrations();
      const found = all.filter((each) => each.scope === scope);
      for (const each of found) await each.unregister();
      return found.length;
    }, scope);
    return {answer, seen};
  },

  async 'two frames of another site share what they have'({frame, crossSite, name}) {
    const key = name();
    const frames = [await frame(crossSite), await frame(crossSite)];
    const look = async (key) => {
      self.worker = help.shared(key);
      const identity = await help.command(self.worker, () => (self.identity ??= crypto.randomUUID()));
      const free = await help.isFree(key);
      if (free) await help.hold(key);
      return {identity, free};
    };
    const [a, b] = [await frames[0].run(look, key), await frames[1].run(look, key)];
    return {workers: a.identity === b.identity, locks: !b.free};
  },

  async 'query() of locks in a frame of another site'({frame, crossSite}) {
    const {run} = await frame(crossSite);
    return run(() => help.outcome(async () => typeof (await navigator.locks.query()).held.length));
  },

  async 'query() of locks in a frame of the same site'({frame, sameSite}) {
    const {run} = await frame(sameSite);
    return run(() => help.outcome(async () => typeof (await navigator.locks.query()).held.length));
  },
};
