/** Dedicated and shared workers: who shares one, when it begins and ends, and what is there. */

/* global help */

/** What tells one start of a shared worker from another. */
const identity = (port) => help.command(port, () => (self.identity ??= crypto.randomUUID()));

export const workers = {
  async 'windows share a worker by its name'({frame, name}) {
    const called = name();
    const here = await identity(help.shared(called));
    const {run} = await frame();
    const there = (called) => help.command(help.shared(called), () => (self.identity ??= crypto.randomUUID()));
    return {
      same: (await run(there, called)) === here,
      other: (await run(there, name())) === here,
      again: (await identity(help.shared(called))) === here,
    };
  },

  async 'a shared worker ends with its last client'({frame, name}) {
    const [called, lock] = [name(), name()];
    const frames = [await frame(), await frame()];
    const join = async (called, lock) => {
      self.port = help.shared(called);
      await help.command(self.port, async (lock) => void (self.release ??= await help.hold(lock)), lock);
    };
    for (const {run} of frames) await run(join, called, lock);
    const before = await frames[0].run(() => help.command(self.port, () => (self.identity ??= crypto.randomUUID())));
    frames[0].remove();
    const between = await frames[1].run(() => help.command(self.port, () => (self.identity ??= crypto.randomUUID())));
    const held = await help.isFree(lock);
    frames[1].remove();
    await help.free(lock);
    const after = await identity(help.shared(called));
    return {firstLeft: between === before, free: held, secondLeft: after === before};
  },

  async 'a shared worker that has ended, while a window holds on to it'({name}) {
    const [called, lock] = [name(), name()];
    const port = help.shared(called);
    await help.command(port, async (lock) => void (await help.hold(lock)), lock);
    port.postMessage({probe: '() => close()', args: []}, [new MessageChannel().port1]);
    await help.free(lock);
    const answers = identity(help.shared(called)).then(() => 'another is started');
    // Others that are asked for later have long been there.
    const others = (async () => {
      for (let i = 0; i < 6; i++) await identity(help.shared(name()));
      return 'it is handed out';
    })();
    return Promise.race([answers, others]);
  },

  async 'a shared worker that listens late to its clients'({name}) {
    const called = name();
    // puppet.js listens at once, and so tells that the first has been announced.
    const first = help.shared(called);
    await help.command(first, () => {
      self.late = 0;
      addEventListener('connect', () => self.late++);
    });
    await help.turn(first);
    const before = await help.command(first, () => self.late);
    await help.turn(help.shared(called));
    return {before, after: await help.command(first, () => self.late)};
  },

  async 'what is posted to a shared worker before it runs arrives'({name}) {
    const {port} = new SharedWorker(help.script, name());
    const list = [1, 2, 3].map((i) => help.command(port, (i) => i, i));
    return Promise.all(list);
  },

  async 'a shared worker whose script is missing'({own, name}) {
    const worker = new SharedWorker(`${own}/probes/${crypto.randomUUID()}/missing.js`, name());
    const failed = help.next(worker, 'error').then(() => 'error');
    const others = (async () => {
      for (let i = 0; i < 6; i++) await identity(help.shared(name()));
      return 'nothing';
    })();
    return Promise.race([failed, others]);
  },

  async 'what is posted to a worker before it runs arrives in order'({worker}) {
    const other = await worker(`const heard = [];
      addEventListener('message', ({data}) => typeof data === 'number' && heard.push(data) === 5 && postMessage(heard))`);
    const heard = help.next(other);
    for (let i = 0; i < 5; i++) other.postMessage(i);
    return (await heard).data;
  },

  async 'a worker ends with its frame'({frame, name}) {
    const lock = name();
    const {run, remove} = await frame();
    await run(async (lock) => {
      self.worker = new Worker(help.script);
      await help.command(self.worker, async (lock) => void (await help.hold(lock)), lock);
    }, lock);
    const before = await help.isFree(lock);
    remove();
    await help.free(lock);
    return {before};
  },

  async 'what is where'({frame, worker, name, home}) {
    const look = () => ({
      SharedWorker: typeof SharedWorker,
      Worker: typeof Worker,
      serviceWorker: !!navigator.serviceWorker,
      locks: !!navigator.locks,
      indexedDB: typeof indexedDB,
      BroadcastChannel: typeof BroadcastChannel,
    });
    const {activated} = await home();
    return {
      window: await (await frame()).run(look),
      worker: await (await worker()).run(look),
      'shared worker': await help.command(help.shared(name()), look),
      'service worker': await (await activated()).run(look),
    };
  },
};
