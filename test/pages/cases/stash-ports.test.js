/** self.ports: what add, match and the message event do. */
import {assert, test} from '../harness.js';
import {askOn, nextOn} from './native-helpers.js';
import {stashingService} from './stash-helpers.js';

const within = (name, act, options) =>
  test(
    name,
    async () => {
      const service = await stashingService();
      try {
        await act(service);
      } finally {
        service.close();
      }
    },
    options,
  );

within('the port of an accepted connection is stashed, in one turn', async (service) => {
  const name = service.name();
  const port = await service.connect('accepted', name);
  assert.equal((await nextOn(port)).data, 'You are connected!');
  const answer = await askOn(port, {text: 'hello', map: new Map([[1, 2]])});
  assert.deepEqual(answer.data, {text: 'hello', map: new Map([[1, 2]])});
  assert.equal(answer.name, name);
  assert.equal(await service.order('count', {name}), 1);
  port.close();
});

within('stashed before it is accepted, in order', async (service) => {
  const port = await service.connect('before accepting', service.name());
  const heard = [];
  for (let i = 0; i < 3; i++) heard.push((await nextOn(port)).data);
  assert.deepEqual(heard, ['before', 'between', 'after']);
  assert.equal((await askOn(port, 'hello')).data, 'hello');
  port.close();
});

within('messages queued before the stash are delivered', async (service) => {
  const name = service.name();
  const port = await service.connect('unheard', name);
  for (let i = 0; i < 10; i++) port.postMessage(i);
  await service.order('instance');
  const heard = [];
  await service.order('stash', {name});
  while (heard.length < 10) heard.push((await nextOn(port)).data.data);
  assert.deepEqual(heard, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  port.close();
});

within('a message fires an ExtendableMessageEvent at self.ports, from the port', async (service) => {
  const name = service.name();
  const port = await service.connect('accepted', name);
  await nextOn(port);
  assert.deepEqual(await askOn(port, 'what is your event like'), {
    tag: '[object ExtendableMessageEvent]',
    isMessage: true,
    name,
    stashed: true,
    port: true,
    origin: location.origin,
    onPorts: true,
    waitUntil: 'nothing',
  });
  port.close();
});

within('the port itself never fires message', async (service) => {
  const port = await service.connect('accepted', service.name());
  await nextOn(port);
  await askOn(port, 1);
  await askOn(port, 2);
  assert.deepEqual(await service.order('heard'), []);
  port.close();
});

within('names may be repeated, and empty', async (service) => {
  const name = service.name();
  const ports = [];
  for (const each of [name, name, '', '']) ports.push(await service.connect('accepted', each));
  assert.equal(await service.order('count', {name}), 2);
  assert.equal(await service.order('count', {name: ''}), 2);
  assert.isTrue(await service.order('is the same', {name}));
  for (const port of ports) await nextOn(port);
  await service.order('tell', {name, message: 'to both'});
  for (const port of ports.slice(0, 2)) assert.equal((await nextOn(port)).data, 'to both');
  for (const port of ports) port.close();
});

within('ports go there and back', async (service) => {
  const port = await service.connect('accepted', service.name());
  await nextOn(port);
  const {port1, port2} = new MessageChannel();
  const answer = nextOn(port);
  port.postMessage('take this', [port2]);
  const {ports} = await answer;
  assert.lengthOf(ports, 1);
  const heard = nextOn(port1);
  ports[0].postMessage('through it');
  assert.equal((await heard).data, 'through it');
  port.close();
});

within("when the client's port closes, it is stashed no more", async (service) => {
  const name = service.name();
  const port = await service.connect('accepted', name);
  await nextOn(port);
  await askOn(port, 1);
  port.close();
  while ((await service.order('count', {name})) > 0);
});

within('close() takes it out, and closes the connection', async (service) => {
  const name = service.name();
  const {services} = navigator;
  const url = `${service.scope}?answer=accepted&name=${name}`;
  const port = await services.connect(url);
  const closed = new Promise((resolve) =>
    services.addEventListener('close', ({source}) => source === port && resolve()),
  );
  port.postMessage('close');
  await closed;
  assert.equal(await service.order('count', {name}), 0);
});

for (const when of ['while accepting', 'before accepting', 'later']) {
  within(`what was posted before close() arrives before it: stashed and closed ${when}`, async (service) => {
    const name = service.name();
    const {services} = navigator;
    const url = `${service.scope}?answer=${encodeURIComponent(`closed ${when}`)}&name=${encodeURIComponent(name)}`;
    const heard = [];
    const closed = new Promise((resolve) => {
      const note = ({type, source, data}) => {
        if (source.targetURL !== url) return;
        heard.push(data ?? type);
        if (type === 'close') resolve();
      };
      services.addEventListener('message', note);
      services.addEventListener('close', note);
    });
    const port = await services.connect(url);
    port.postMessage('close');
    await closed;
    assert.deepEqual(heard, ['last words', 'close']);
    assert.equal(await service.order('count', {name}), 0);
  });
}

within('a port whose connection has ended is stashed no more', async (service) => {
  const name = service.name();
  const port = await service.connect('unheard', name);
  assert.equal(await service.order('stored', {name}), 1);
  port.close();
  while ((await service.order('stored', {name})) > 0);
  await service.order('stash', {name});
  assert.equal(await service.order('count', {name}), 0);
  assert.equal(await service.order('stored', {name}), 0);
});

within('a promise of a port that nobody waits for any more is given up', async (service) => {
  const {services} = navigator;
  const url = `${service.scope}?answer=never&name=${encodeURIComponent(service.name())}`;
  const end = new AbortController();
  const attempt = services.connect(url, {signal: end.signal});
  // By the time that one behind it is through, the service has it.
  (await services.connect(`${service.scope}?orders&behind`)).close();
  end.abort('enough');
  assert.equal(await attempt.catch((reason) => reason), 'enough');
  while (!(await service.order('warnings')).some((text) => text.includes('nobody waits')));
});

within('transferring it takes it out; the connection goes with it', async (service) => {
  const name = service.name();
  const port = await service.connect('accepted', name);
  await nextOn(port);
  await askOn(port, 1);
  const {port1, port2} = new MessageChannel();
  const taken = nextOn(port1);
  assert.deepEqual(await service.order('transfer to client', {name}, [port2]), {
    left: 0,
    name,
    again: 'DataCloneError',
  });
  const {ports} = await taken;
  assert.equal(Object.getPrototypeOf(ports[0]), MessagePort.prototype);
  const there = nextOn(ports[0]);
  const here = nextOn(port);
  port.postMessage('to the new owner');
  ports[0].postMessage('from the new owner');
  assert.equal((await there).data, 'to the new owner');
  assert.equal((await here).data, 'from the new owner');
  port.close();
});

within('add and match have the manners of Web IDL, and take live ports only', async (service) => {
  assert.deepEqual(await service.order('manners'), {
    tag: '[object StashedMessagePort]',
    name: 'manners',
    symbols: 'TypeError',
    twice: 'TypeError',
    neutered: 'DataCloneError',
    transferred: 'TypeError',
    closedBefore: 'TypeError',
    missing: 'TypeError',
    others: Array(7).fill('TypeError'),
    constructors: Array(3).fill('TypeError'),
    sameObject: true,
    start: 'nothing',
    unclonable: 'DataCloneError',
    itself: 'DataCloneError',
    noArgument: 'TypeError',
    matchWithout: 'TypeError',
    unknown: [],
    stashedAgain: 'again',
    counts: [0, 1],
    closed: 0,
    afterClosing: 'nothing',
  });
});
