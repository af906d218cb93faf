/** Web Locks: who waits for whom, and what frees them. */

/* global help */

/** A lock that is held elsewhere is free once that is over: two waiters get it, in their order. */
async function waitersAfter(lock, end) {
  const said = [];
  const waiters = ['first', 'second'].map((name) => navigator.locks.request(lock, () => void said.push(name)));
  const held = await help.isFree(lock);
  await end();
  await Promise.all(waiters);
  return {freeBefore: held, said};
}

const holding = async (context, lock) => {
  await context.run(async (lock) => void (await help.hold(lock)), lock);
};

export const locks = {
  async 'an exclusive lock goes from one to the next'({name, worker}) {
    const lock = name();
    const other = await worker();
    const said = [];
    const release = await help.hold(lock);
    const first = navigator.locks.request(lock, async () => {
      said.push('first');
      await help.turn(other);
      said.push('first is done');
    });
    const second = navigator.locks.request(lock, () => void said.push('second'));
    await help.turn(other);
    said.push('released');
    release();
    await Promise.all([first, second]);
    return said;
  },

  async 'shared locks: together, and not past one that waits'({name}) {
    const lock = name();
    const said = [];
    const shared = {mode: 'shared'};
    const [a, b] = await Promise.all([help.hold(lock, shared), help.hold(lock, shared)]);
    const exclusive = navigator.locks.request(lock, () => void said.push('exclusive'));
    const later = navigator.locks.request(lock, shared, () => void said.push('later'));
    const available = await navigator.locks.request(lock, {...shared, ifAvailable: true}, (lock) => lock !== null);
    a();
    said.push('released');
    b();
    await Promise.all([exclusive, later]);
    return {available, said};
  },

  async 'only if it is available'({name}) {
    const lock = name();
    const before = await navigator.locks.request(lock, {ifAvailable: true}, (lock) => [
      lock.name === lock.name,
      lock.mode,
    ]);
    const release = await help.hold(lock);
    const meanwhile = await help.isFree(lock);
    release();
    await help.free(lock);
    return {before, meanwhile, after: await help.isFree(lock)};
  },

  async 'a request that is aborted'({name}) {
    const lock = name();
    const release = await help.hold(lock);
    const end = new AbortController();
    const waiting = help.outcome(() => navigator.locks.request(lock, {signal: end.signal}, () => 'held'));
    const behind = navigator.locks.request(lock, () => 'behind');
    await help.isFree(lock);
    end.abort();
    const aborted = await waiting;
    release();
    const before = await help.outcome(() =>
      navigator.locks.request(lock, {signal: AbortSignal.abort?.() ?? end.signal}, () => 'held'),
    );
    const late = new AbortController();
    const held = await navigator.locks.request(lock, {signal: late.signal}, async () => {
      late.abort();
      return 'held on';
    });
    return {aborted, behind: await behind, before, held};
  },

  async 'a callback that throws'({name}) {
    const lock = name();
    const outcome = await help.outcome(() =>
      navigator.locks.request(lock, () => {
        throw new RangeError('expected by a probe');
      }),
    );
    return {outcome, free: await help.isFree(lock)};
  },

  async 'a lock is taken away'({name}) {
    const lock = name();
    const held = help.outcome(() => navigator.locks.request(lock, () => new Promise(() => {})));
    await help.isFree(lock);
    const waiting = navigator.locks.request(lock, () => 'waited');
    const steal = await navigator.locks.request(lock, {steal: true}, () => 'stolen');
    return {held: await held, steal, waiting: await waiting};
  },

  async 'who holds and waits, by query()'({name}) {
    const lock = name();
    const release = await help.hold(lock);
    const waiting = navigator.locks.request(lock, {mode: 'shared'}, () => {});
    const {held, pending} = await navigator.locks.query();
    const of = (list) => list.filter((each) => each.name === lock).map(({mode, clientId}) => [mode, typeof clientId]);
    release();
    await waiting;
    return {held: of(held), pending: of(pending)};
  },

  async 'names of locks'({name}) {
    const of = (text) => help.outcome(() => navigator.locks.request(text, () => 'held'));
    return {
      empty: await of(''),
      hyphen: await of('-x'),
      1024: await of('x'.repeat(1_024)),
      1025: await of('x'.repeat(1_025)),
    };
  },

  async 'a lock of a worker that is terminated'({name, worker}) {
    const lock = name();
    const other = await worker();
    await holding(other, lock);
    return waitersAfter(lock, () => other.terminate());
  },

  async 'a lock of a worker that closes itself'({name, worker}) {
    const lock = name();
    const other = await worker();
    await holding(other, lock);
    return waitersAfter(lock, () => void other.run(() => close()));
  },

  async 'a lock of a frame that is removed'({name, frame}) {
    const lock = name();
    const other = await frame();
    await holding(other, lock);
    return waitersAfter(lock, () => other.remove());
  },

  async 'a lock of a tab that is closed'({name, tab}) {
    const lock = name();
    const other = await tab();
    await holding(other, lock);
    return waitersAfter(lock, () => other.close());
  },

  async 'a lock of a shared worker that closes itself'({name}) {
    const lock = name();
    const other = help.shared(name());
    await help.command(other, async (lock) => void (await help.hold(lock)), lock);
    return waitersAfter(lock, () =>
      other.postMessage({probe: '() => close()', args: []}, [new MessageChannel().port1]),
    );
  },

  async 'a request of a worker that is gone does not stand in the way'({name, worker}) {
    const lock = name();
    const release = await help.hold(lock);
    const other = await worker();
    // Its request comes before what it asks only if it is available.
    await other.run(async (lock) => {
      help.hold(lock);
      await help.isFree(lock);
    }, lock);
    const behind = navigator.locks.request(lock, () => 'got it');
    other.terminate();
    release();
    return behind;
  },

  async 'what a worker posts before its end, and its lock'({name, frame}) {
    const lock = name();
    const channel = new BroadcastChannel(name());
    const {run} = await frame();
    const said = [];
    channel.onmessage = ({data}) => said.push(data);
    await run(
      async (lock, channel) => {
        self.worker = new Worker(help.script);
        await help.command(self.worker, async (lock) => void (await help.hold(lock)), lock);
        await help.command(
          self.worker,
          (channel) => {
            self.channel = new BroadcastChannel(channel);
          },
          channel,
        );
      },
      lock,
      channel.name,
    );
    const free = navigator.locks.request(lock, () => void said.push('free'));
    const heard = help.next(channel);
    await run(() => {
      self.worker.postMessage({probe: `() => {self.channel.postMessage('last'); close();}`, args: []}, [
        new MessageChannel().port1,
      ]);
    });
    await free;
    await heard;
    channel.close();
    return said;
  },
};
