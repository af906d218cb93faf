/** Ports, broadcast channels, and what they can carry. */

/* global help */

/** A list that is filled by listeners, and a promise for its being as long as that. */
const listing = (length) => {
  const list = [];
  let full;
  const done = new Promise((resolve) => (full = resolve));
  return {
    done,
    add(item) {
      list.push(item);
      if (list.length === length) full(list);
    },
  };
};

/** Whether what has been numbered in the order in which it was sent came so. */
const inOrder = (list) => (list.every((item, i) => i === 0 || list[i - 1] < item) ? 'as posted' : 'otherwise');

export const messages = {
  async 'microtasks run between two listeners of a native event'() {
    const {port1, port2} = new MessageChannel();
    const said = listing(3);
    port1.addEventListener('message', () => {
      queueMicrotask(() => said.add('microtask'));
      said.add('first');
    });
    port1.addEventListener('message', () => said.add('second'));
    port1.start();
    port2.postMessage(0);
    return said.done;
  },

  async 'microtasks run after all listeners of an event that a script dispatches'() {
    const target = new EventTarget();
    const said = listing(3);
    target.addEventListener('message', () => {
      Promise.resolve().then(() => said.add('microtask'));
      said.add('first');
    });
    target.addEventListener('message', () => said.add('second'));
    target.dispatchEvent(new Event('message'));
    return said.done;
  },

  async 'listeners that are removed or added meanwhile'() {
    const target = new EventTarget();
    const said = [];
    const end = new AbortController();
    const removed = () => said.push('removed');
    target.addEventListener('x', () => {
      target.removeEventListener('x', removed);
      end.abort();
      target.addEventListener('x', () => said.push('added'));
      said.push('first');
    });
    target.addEventListener('x', removed);
    target.addEventListener('x', () => said.push('aborted'), {signal: end.signal});
    target.dispatchEvent(new Event('x'));
    return said;
  },

  async 'a listener that throws keeps no other from running'({frame}) {
    const {run} = await frame();
    return run(async () => {
      addEventListener('error', (event) => event.preventDefault());
      const {port1, port2} = new MessageChannel();
      port1.addEventListener('message', () => {
        throw new Error('expected by a probe');
      });
      const heard = help.next(port1);
      port1.start();
      port2.postMessage('heard');
      return (await heard).data;
    });
  },

  async 'a port keeps the order'({worker}) {
    const {port1, port2} = new MessageChannel();
    const said = listing(50);
    port1.onmessage = ({data}) => said.add(data);
    const other = await worker(`addEventListener('message', ({data, ports: [port]}) => {
      if (data === 'go') for (let i = 0; i < 50; i++) port.postMessage(i);
    })`);
    other.postMessage('go', [port2]);
    return inOrder(await said.done);
  },

  async 'two ports from the same context'({worker}) {
    const [a, b] = [new MessageChannel(), new MessageChannel()];
    const said = listing(20);
    for (const {port1} of [a, b]) port1.onmessage = ({data}) => said.add(data);
    const other = await worker(`addEventListener('message', ({data, ports}) => {
      if (data === 'go') for (let i = 0; i < 20; i++) ports[i % 2].postMessage(i);
    })`);
    other.postMessage('go', [a.port2, b.port2]);
    return inOrder(await said.done);
  },

  async 'a port and a broadcast channel from the same context'({worker, name}) {
    const channel = new BroadcastChannel(name());
    const {port1, port2} = new MessageChannel();
    const said = listing(20);
    port1.onmessage = channel.onmessage = ({data}) => said.add(data);
    const other = await worker(`addEventListener('message', ({data, ports: [port]}) => {
      if (!data.go) return;
      const channel = new BroadcastChannel(data.go);
      for (let i = 0; i < 20; i++) (i % 2 ? port : channel).postMessage(i);
    })`);
    other.postMessage({go: channel.name}, [port2]);
    const order = inOrder(await said.done);
    channel.close();
    return order;
  },

  async 'a port and what is posted to the window, from the same frame'({frame}) {
    const {port1, port2} = new MessageChannel();
    const said = listing(20);
    const end = new AbortController();
    port1.onmessage = ({data}) => said.add(data);
    addEventListener('message', ({data}) => typeof data === 'number' && said.add(data), {signal: end.signal});
    const {run, target} = await frame();
    await run(() => {
      addEventListener('message', ({data, ports: [port]}) => {
        if (data !== 'go') return;
        for (let i = 0; i < 20; i++) {
          if (i % 2) port.postMessage(i);
          else parent.postMessage(i, location.origin);
        }
      });
    });
    target.postMessage('go', [port2]);
    const order = inOrder(await said.done);
    end.abort();
    return order;
  },

  async 'what was queued at a port travels with it'({worker}) {
    const {port1, port2} = new MessageChannel();
    for (let i = 0; i < 5; i++) port1.postMessage(i);
    const other = await worker(`addEventListener('message', ({data, ports: [port]}) => {
      if (data !== 'take') return;
      const heard = [];
      port.onmessage = ({data}) => {
        heard.push(data);
        if (data === 9) postMessage(heard);
      };
    })`);
    const heard = help.next(other);
    other.postMessage('take', [port2]);
    for (let i = 5; i < 10; i++) port1.postMessage(i);
    return (await heard).data;
  },

  async 'a port that goes on and on loses nothing'({worker}) {
    const passing = `addEventListener('message', ({data, ports}) => {
      if (data === 'pass') ports[0].postMessage('take', [ports[1]]);
    })`;
    const first = await worker(passing);
    const {port1, port2} = new MessageChannel();
    const through = new MessageChannel();
    const said = listing(30);
    through.port1.onmessage = ({ports: [port]}) => (port.onmessage = ({data}) => said.add(data));
    for (let i = 0; i < 10; i++) port1.postMessage(i);
    first.postMessage('pass', [through.port2, port2]);
    for (let i = 10; i < 30; i++) port1.postMessage(i);
    return inOrder(await said.done);
  },

  async 'messages wait until the port is started'() {
    const {port1, port2} = new MessageChannel();
    const said = [];
    port2.postMessage(0);
    port1.addEventListener('message', ({data}) => said.push(data));
    const other = new MessageChannel();
    for (let i = 0; i < 3; i++) {
      other.port2.postMessage('turn');
      other.port1.start();
      await help.next(other.port1);
    }
    const before = said.length;
    const heard = help.next(port1);
    port1.start();
    await heard;
    return {before, after: said.length};
  },

  async 'what is posted before close() arrives'() {
    const {port1, port2} = new MessageChannel();
    const said = listing(2);
    port1.onmessage = ({data}) => said.add(data);
    port2.postMessage(1);
    port2.postMessage(2);
    port2.close();
    return said.done;
  },

  async 'who closes its port hears nothing more'({worker}) {
    const other = await worker();
    const {port1, port2} = new MessageChannel();
    const said = [];
    port1.onmessage = () => said.push('message');
    port2.postMessage(0);
    port1.close();
    port1.postMessage(0);
    await help.turn(other);
    await help.turn(other);
    return said;
  },

  async 'posting to a port of a worker that is gone, and what its peer hears'({worker, name}) {
    const {port1, port2} = new MessageChannel();
    const said = [];
    for (const type of ['message', 'messageerror', 'close', 'error']) {
      port1.addEventListener(type, () => said.push(type));
    }
    port1.start();
    const other = await worker(
      `addEventListener('message', ({data, ports}) => data === 'keep' && (self.kept = ports[0]))`,
    );
    other.postMessage('keep', [port2]);
    const lock = name();
    await other.run((lock) => void help.hold(lock), lock);
    other.terminate();
    await help.free(lock);
    port1.postMessage('anyone?');
    const third = await worker();
    for (let i = 0; i < 3; i++) await help.turn(third);
    port1.postMessage('anyone?');
    return said;
  },

  async 'the close event of ports'({worker}) {
    const {port1, port2} = new MessageChannel();
    const said = [];
    port1.addEventListener('close', () => said.push('close'));
    port1.start();
    port2.close();
    const other = await worker();
    for (let i = 0; i < 3; i++) await help.turn(other);
    return {attribute: 'onclose' in MessagePort.prototype, said};
  },

  async 'a port in the data is that among the ports'() {
    const {port1, port2} = new MessageChannel();
    const heard = help.next(port1);
    port1.start();
    const [a, b] = [new MessageChannel().port1, new MessageChannel().port1];
    port2.postMessage({a, list: [b, a]}, [b, a]);
    const {data, ports} = await heard;
    return [data.a === ports[1], data.list[0] === ports[0], data.list[1] === data.a, Object.isFrozen(ports)];
  },

  async 'what can not be cloned'() {
    const {port1} = new MessageChannel();
    const {port1: other} = new MessageChannel();
    const buffer = new ArrayBuffer(8);
    structuredClone(buffer, {transfer: [buffer]});
    const of = (data, transfer = []) => help.outcome(() => (port1.postMessage(data, transfer), 'posted'));
    return {
      function: await of(() => {}),
      symbol: await of(Symbol('x')),
      weakMap: await of(new WeakMap()),
      promise: await of(Promise.resolve()),
      proxy: await of(new Proxy({}, {})),
      'port that is not transferred': await of(other),
      'event target': await of(new EventTarget()),
      'broadcast channel': await of({channel: new BroadcastChannel('x')}),
      'detached buffer to be transferred': await of(0, [buffer]),
      'the same twice': await of(0, [other, other]),
      'a port through itself': await of(0, [port1]),
      'what is no transferable': await help.outcome(() => (port1.postMessage(0, [{}]), 'posted')),
      'a getter that throws': await of({
        get x() {
          throw new RangeError('expected by a probe');
        },
      }),
    };
  },

  async 'a copy of a detached buffer'() {
    const buffer = new ArrayBuffer(8);
    structuredClone(buffer, {transfer: [buffer]});
    return help.outcome(() => structuredClone(buffer).byteLength);
  },

  async 'what is transferred is empty behind, also where posting it fails'() {
    const {port1, port2} = new MessageChannel();
    const array = new Uint8Array(8);
    const other = new Uint8Array(8);
    const port = new MessageChannel().port1;
    await help.outcome(() => port1.postMessage({f: () => {}, other}, [other.buffer, port]));
    const again = await help.outcome(() => (port1.postMessage(port, [port]), 'posted'));
    const heard = help.next(port2);
    port2.start();
    port1.postMessage(array, [array.buffer]);
    await heard;
    return {behind: array.length, afterFailure: other.length, again};
  },

  async 'a port that was transferred posts into nothing'() {
    const {port1, port2} = new MessageChannel();
    const other = new MessageChannel();
    other.port1.postMessage(0, [port1]);
    return {
      again: await help.outcome(() => (other.port1.postMessage(0, [port1]), 'posted')),
      post: await help.outcome(() => (port1.postMessage(0), 'posted')),
      close: await help.outcome(() => (port1.close(), 'closed')),
      peer: await help.outcome(() => (port2.postMessage(0), 'posted')),
    };
  },

  async 'copies of errors, classes and holes'() {
    class Thing extends Map {
      kept = 1;
    }
    class Plain {
      own = 1;
      get theirs() {
        return 2;
      }
    }
    const error = structuredClone(new TypeError('why'));
    const odd = structuredClone(Object.assign(new Error('odd'), {name: 'Odd', extra: 1}));
    const domException = structuredClone(new DOMException('why', 'AbortError'));
    const thing = structuredClone(new Thing([[1, 2]]));
    const plain = structuredClone(new Plain());
    const list = structuredClone(Object.assign([1, , 3], {x: 1}));
    const cyclic = {};
    cyclic.self = cyclic;
    const own = structuredClone({['__proto__']: 1, a: undefined});
    return {
      error: [error instanceof TypeError, error.name, error.message],
      odd: [odd.name, odd.message, 'extra' in odd],
      domException: [domException instanceof DOMException, domException.name],
      map: [thing.constructor === Map, thing.get(1), 'kept' in thing],
      plain: [plain.constructor === Object, plain.own, 'theirs' in plain],
      list: [list.length, 1 in list, list.x],
      cyclic: structuredClone(cyclic).self.self !== cyclic,
      own: Object.keys(own),
      boxed: typeof structuredClone(Object(1)),
      date: structuredClone(new Date(5)).getTime(),
      regExp: `${structuredClone(/a/gi)}`,
      buffers: (() => {
        const buffer = new ArrayBuffer(8);
        const [a, b] = structuredClone([new Uint8Array(buffer, 2, 3), new DataView(buffer)]);
        return [a.buffer === b.buffer, a.byteOffset, a.length, b.byteLength];
      })(),
    };
  },

  async 'what can not be read in another worker is an error there'({name}) {
    const worker = help.shared(name());
    const {port1, port2} = new MessageChannel();
    worker.postMessage(
      {
        probe: `(port) => {
      self.said = [];
      self.kept = port;
      port.onmessage = ({data}) => self.said.push(['message', data]);
      port.addEventListener('messageerror', ({data}) => self.said.push(['messageerror', data]));
    }`,
        args: [port1],
      },
      [new MessageChannel().port1, port1],
    );
    port2.postMessage(help.unreadable());
    port2.postMessage('next');
    for (let i = 0; i < 3; i++) await help.turn(worker);
    return help.command(
      worker,
      () =>
        new Promise((resolve) => {
          const look = () => (self.said.length > 1 ? resolve(self.said) : setTimeout(look, 1));
          look();
        }),
    );
  },

  async 'a broadcast reaches all others, in order'({worker, frame, name}) {
    const channel = new BroadcastChannel(name());
    const beside = new BroadcastChannel(channel.name);
    const listen = (name) => {
      self.heard = [];
      self.channel = new BroadcastChannel(name);
      self.all = new Promise((resolve) => {
        self.channel.onmessage = ({data}) => data !== 'here' && self.heard.push(data) === 3 && resolve(self.heard);
      });
      self.channel.postMessage('here');
    };
    const others = [await worker(), await frame()];
    // A channel is there, for other processes, when something has come from it.
    const there = listing(others.length);
    channel.onmessage = ({data}) => there.add(data);
    for (const other of others) await other.run(listen, channel.name);
    await there.done;
    const heard = [];
    channel.onmessage = ({data}) => heard.push(data);
    const here = listing(3);
    beside.onmessage = ({data}) => data !== 'here' && here.add(data);
    for (const i of [1, 2, 3]) channel.postMessage(i);
    const all = await Promise.all([here.done, ...others.map((other) => other.run(() => self.all))]);
    for (const each of [channel, beside]) each.close();
    return {itself: heard, all};
  },

  async 'a broadcast channel that is closed'({name}) {
    const channel = new BroadcastChannel(name());
    const other = new BroadcastChannel(channel.name);
    const third = new BroadcastChannel(channel.name);
    const said = [];
    other.onmessage = () => said.push('heard');
    channel.postMessage(1);
    other.close();
    await help.next(third);
    const post = await help.outcome(() => (other.postMessage(1), 'posted'));
    for (const each of [channel, third]) each.close();
    return {post, said};
  },

  async 'a broadcast can carry no port'({name}) {
    const channel = new BroadcastChannel(name());
    const {port1} = new MessageChannel();
    const outcomes = {
      port: await help.outcome(() => (channel.postMessage(port1), 'posted')),
      function: await help.outcome(() => (channel.postMessage(() => {}), 'posted')),
    };
    channel.close();
    return outcomes;
  },

  async 'what a window posts to another origin than it names is dropped'({frame, own, crossSite}) {
    const other = await frame(crossSite);
    await other.run(() => {
      self.heard = [];
      addEventListener('message', ({data, origin}) => typeof data === 'string' && self.heard.push([data, origin]));
    });
    other.element.contentWindow.postMessage('for another', own, []);
    other.element.contentWindow.postMessage('for it', crossSite, []);
    const [[data, origin]] = await other.run(() => self.heard);
    const count = await other.run(() => self.heard.length);
    return {data, isOurs: origin === own, count};
  },

  async 'timers of the same time keep their order'() {
    const said = listing(6);
    setTimeout(() => said.add('20'), 20);
    for (const name of ['a', 'b', 'c']) setTimeout(() => said.add(name), 5);
    setTimeout(() => said.add('0'), 0);
    const cleared = setTimeout(() => said.add('cleared'), 6);
    setTimeout(() => clearTimeout(cleared), 5);
    setTimeout(() => said.add('30'), 30);
    return said.done;
  },

  async 'the clock does not go back, and goes on'() {
    const times = [];
    for (let i = 0; i < 20; i++) {
      times.push(performance.now());
      if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const before = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 30));
    return {
      monotonic: times.every((time, i) => i === 0 || times[i - 1] <= time),
      // Clocks are coarse.
      waited: performance.now() - before >= 28,
      agrees: Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1_000,
    };
  },

  async 'a signal that times out'() {
    const signal = AbortSignal.timeout(5);
    const before = signal.aborted;
    await help.next(signal, 'abort');
    return {before, after: signal.aborted, reason: signal.reason.name, type: signal.reason instanceof DOMException};
  },

  async 'a signal that is aborted'() {
    const end = new AbortController();
    const said = [];
    end.signal.addEventListener('abort', () => said.push('heard'));
    end.abort();
    end.abort('again');
    return {said, reason: end.signal.reason.name, throws: await help.outcome(() => end.signal.throwIfAborted())};
  },

  async 'a module that failed to load can be imported again'({own, serve, ask}) {
    const url = `${own}/probes/${crypto.randomUUID()}/module.js`;
    await ask('fault', {url, fault: {status: 404, body: '', headers: {'Content-Type': 'text/javascript'}}});
    const first = await help.outcome(async () => (await import(url)).fact);
    await serve(url, 'export const fact = "loaded"');
    return {first, again: await help.outcome(async () => (await import(url)).fact)};
  },
};
