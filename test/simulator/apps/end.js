/**
 * An application, as either end of connections, in any context. `context` is this context's name, `report` tells the
 * oracle what happens, and `mine` which ports are not the product's; what it is to do comes as commands: `{do, id, …}`. A connection's id stands in its target's
 * URL, with how the service is to answer. Messages say who made them and their number there.
 */
{
  /** This end of each connection, by id: a ServicePort, or a native port. */
  const ends = new Map();
  /** How many messages this context has made, by connection. */
  const made = new Map();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const after = (time) => new Promise((resolve) => setTimeout(resolve, time));
  const idOf = ({targetURL}) => new URL(targetURL).searchParams.get('id');

  /** A message in one of the shapes that the product treats in its own way. */
  function write(message, shape) {
    if (shape === 'array') return [message];
    if (shape === 'bytes') return encoder.encode(JSON.stringify(message));
    if (shape === 'nested') return {nested: {message}, text: 'x'.repeat(message.size ?? 0)};
    return message;
  }
  function read(data) {
    if (Array.isArray(data)) return data[0];
    if (ArrayBuffer.isView(data)) return JSON.parse(decoder.decode(data));
    return data.nested?.message ?? data;
  }

  function post(port, id, {shape, carries, unreadable, ...rest} = {}) {
    const n = (made.get(id) ?? 0) + 1;
    const message = {from: context, n, ...rest};
    let data = write(message, unreadable ? '' : shape);
    let transfer = [];
    if (carries === 'buffer') {
      data = Object.assign(write(message), {buffer: new Float64Array([n]).buffer});
      transfer = [data.buffer];
    } else if (carries === 'view') {
      data = encoder.encode(JSON.stringify(message));
      data = new Uint8Array(data);
      transfer = [data.buffer];
    } else if (rest.stash) {
      // The service stashes what comes along; the other end is a native port here.
      const {port1, port2} = new MessageChannel();
      data = Object.assign(write(message), {port: port2});
      transfer = [port2];
      report('connecting', rest.stash);
      report('connected', rest.stash);
      hold(port1, rest.stash);
    } else if (carries === 'stream') {
      data = Object.assign(write(message), {stream: new Stream()});
      transfer = [data.stream];
    } else if (carries === 'port') {
      const {port1, port2} = new MessageChannel();
      data = Object.assign(write(message), {port: port2});
      transfer = [port2];
      mine(port1);
      port1.onmessage = ({data}) => report('pong', id, context, n, data);
    }
    if (unreadable) data = {...message, unreadable: new Unreadable()};
    made.set(id, n);
    report('post', id, context, n, {
      carries: carries ?? (rest.stash && 'port'),
      unreadable: Boolean(unreadable),
      answers: rest.answers ?? 0,
      to: rest.to,
      part: rest.part,
    });
    try {
      port.postMessage(data, transfer);
    } catch (error) {
      if (error.name !== 'QuotaExceededError') throw error;
      made.set(id, n - 1);
      report('refused', id, context, n);
    }
  }

  function receive(port, id, data, ports) {
    const {from, n, answers = 0, to, part, later, waits, stash, first} = read(data);
    if (data.stream) expect(data.stream instanceof Stream, 'what is transferred arrives');
    const intact = ArrayBuffer.isView(data) || !data.buffer || new Float64Array(data.buffer)[0] === n;
    report('got', id, from, n, {intact, to, part});
    if (data.port) mine(data.port);
    if (data.port && stash) self.ports.add(`stash ${stash}`, data.port);
    else if (data.port) data.port.postMessage(n);
    for (let i = 1; i <= answers; i++) post(port, id, {to: [from, n], part: i, carries: i === 1 ? first : undefined});
    if (later) setTimeout(() => post(port, id, {}), later);
    report('handled', id, from, n);
    return waits ? after(waits) : undefined;
  }

  /** How many messages each port has when the page goes, and in which of its events. */
  let lastWords;
  for (const type of 'document' in self ? ['pagehide', 'visibilitychange', 'unload'] : []) {
    addEventListener(type, () => {
      if (!lastWords?.[type] || (type === 'visibilitychange' && !document.hidden)) return;
      for (const [id, port] of ends) for (let i = 0; i < lastWords[type]; i++) post(port, id, {});
    });
  }

  const {services} = navigator;
  const expect = (holds, what) => {
    if (!holds) throw new Error(`it does not hold: ${what}`);
  };
  services.addEventListener('message', (event) => {
    const {source, data, ports, origin, lastEventId} = event;
    expect(origin && lastEventId === '' && source.bufferedAmount >= 0, 'what a message has');
    const done = receive(source, idOf(source), data, ports);
    if (!done || !event.waitUntil) return;
    const {from, n} = read(data);
    report('waits', idOf(source), from, n);
    event.waitUntil(done.then(() => report('has waited', idOf(source), from, n)));
  });
  services.addEventListener('messageerror', ({source}) => report('unread', idOf(source)));
  const onclose = (event) => {
    const id = idOf(event.source);
    report('close', id);
    if (event.waitUntil && new URL(event.source.targetURL).searchParams.get('slow')) {
      event.waitUntil(after(20).then(() => report('close handled', id)));
    }
  };
  if ('document' in self) {
    // As an attribute it is, which may be set more than once.
    services.onclose = () => {};
    services.onclose = null;
    services.onclose = () => {};
    services.onclose = onclose;
    expect(services.onclose === onclose, 'a handler is what it was set to');
  } else {
    services.addEventListener('close', onclose);
  }

  /** A native port of the earlier draft's. */
  function hold(port, id) {
    ends.set(id, port);
    mine(port);
    port.onmessage = ({data, ports}) => receive(port, id, data, ports);
    port.onmessageerror = () => report('unread', id);
    port.addEventListener('close', () => report('close', id));
  }

  const commands = {
    async connect({id, target, native, installWorker = false, abort}) {
      report('connecting', id);
      const end = new AbortController();
      if (abort) setTimeout(() => end.abort(new Error('enough')), abort);
      try {
        const port = native
          ? await navigator.connect(target)
          : await services.connect(target, {name: id, installWorker, data: {id}, signal: end.signal});
        report('connected', id);
        if (native) hold(port, id);
        else ends.set(id, port);
        expect(native || (port.name === id && port.data.id === id), 'a port has what it was asked for with');
      } catch (error) {
        report('failed', id, error.name);
      }
    },
    async post({do: _, id, count = 1, ...message}) {
      const port = await portOf(id);
      if (!port) return;
      for (let i = 0; i < count; i++) post(port, id, message);
    },
    async close({id}) {
      const port = await portOf(id);
      if (!port) return;
      report('closing', id);
      port.close();
      ends.delete(id);
    },
    async match() {
      const ports = await services.matchAll();
      const [first] = ports;
      // It may have been closed meanwhile.
      const again = first && (await services.match({targetURL: first.targetURL}));
      const waiting = ports.filter(({bufferedAmount}) => bufferedAmount > 0);
      report('matches', ports.map(idOf), !again || again === first, waiting.map(idOf));
    },
    async stashed() {
      const found = await self.ports.match('stash');
      report('stashes', found.length);
    },
    wait: ({time}) => after(time),
    leave: ({words}) => (lastWords = words),
    claim: () => clients.claim(),
  };
  async function portOf(id) {
    if (ends.has(id)) return ends.get(id);
    const ports = await services.matchAll();
    const [stashed] = self.ports ? await self.ports.match(`stash ${id}`) : [];
    return ports.find((port) => idOf(port) === id) ?? stashed;
  }
  self.command = (command) => commands[command.do](command);

  if ('ServiceWorkerGlobalScope' in self) {
    self.addEventListener('push', (event) => event.waitUntil(self.command(event.data)));
    self.addEventListener('install', (event) => {
      if (/skip/.test(location.href) || self.skips) event.waitUntil(skipWaiting());
    });
    services.addEventListener('connect', (event) => {
      const id = idOf(event);
      const query = new URL(event.targetURL).searchParams;
      const how = query.get('how');
      report('asked', id, event.origin);
      expect(event.origin, 'an attempt has an origin');
      expect(/^activat/.test(self.serviceWorker?.state ?? 'activated'), 'who is asked is active');
      if (/^(native|stash|nobody)/.test(how)) return;
      const answer = {accept: how !== 'refuse', name: id, data: {id}};
      const late = Number(query.get('late'));
      const response =
        how === 'reject' ? Promise.reject(new Error('no')) : late ? after(late).then(() => answer) : answer;
      if (how === 'never') return void event.respondWith(new Promise(() => {})).catch(() => {});
      const answered = event.respondWith(response);
      // Once only.
      event.respondWith(answer).then(
        () => expect(false, 'an attempt is answered once'),
        () => {},
      );
      answered.then(
        (port) => {
          report('accepted', id);
          if (query.get('first')) post(port, id, {});
        },
        () => report('not accepted', id),
      );
    });
    self.addEventListener('connect', (event) => {
      const id = idOf(event);
      const query = new URL(event.targetURL).searchParams;
      const how = query.get('how');
      if (how === 'nobody') return;
      expect(event.origin && event.targetUrl === event.targetURL, 'an attempt has an origin');
      if (how === 'native reject') return event.acceptConnection(Promise.reject(new Error('no')));
      const {port1, port2} = new MessageChannel();
      const late = Number(query.get('late'));
      const accept = () => {
        report('accepted', id);
        return port2;
      };
      event.acceptConnection(late ? after(late).then(accept) : accept());
      if (how === 'native then stash') {
        hold(port1, id);
        setTimeout(() => {
          self.ports.add(`stash ${id}`, port1);
          ends.delete(id);
          report('stashed', id);
        }, 50);
      } else if (how === 'native') hold(port1, id);
      else self.ports.add(`stash ${id}`, port1);
    });
    self.ports.addEventListener('message', (event) => {
      const {source, data, ports} = event;
      receive(source, source.name.split(' ')[1], data, ports);
    });
    self.ports.addEventListener('messageerror', ({source}) => report('unread', source.name.split(' ')[1]));
  }
}
