/** A new version of a worker that has connections, which is installed while the one before goes on. */
import {assert, embed, post, service, stopServiceWorker, take, test} from '../harness.js';
import {ask, services} from './connect-helpers.js';
import {askOn, nextOn} from './native-helpers.js';
import {stashingClient, stashingService} from './stash-helpers.js';

test('it takes the ports over when it is active, with those that came while it was installed, and none before', async () => {
  const scope = `${service.origin}/services/stash-service/${crypto.randomUUID()}/`;
  const frame = await embed(service.origin);
  const install = (query) =>
    frame.ask('install', {script: `/services/stash-service.js?${new URLSearchParams(query)}`, scope});
  await install({version: 1});
  const stashing = await stashingService(scope);
  const ports = new Map();
  const stash = async () => {
    const name = stashing.name();
    ports.set(name, await stashing.connect('accepted', name));
    assert.equal((await nextOn(ports.get(name))).data, 'You are connected!');
  };
  await stash();
  const plain = await services.connect(`${scope}?answer=plain`);
  const {instance} = await ask(plain, 'hello');
  const hold = `${scope} install`;
  const updated = install({version: 2, hold});
  await take(`${hold} began`);

  await stash();
  const late = await services.connect(`${scope}?orders&late`);
  assert.equal((await ask(plain, 'are you there?')).instance, instance);
  await post(hold, true);
  await updated;

  assert.notEqual(await stashing.order('instance'), instance);
  assert.include(await stashing.order('connections'), late.targetURL);
  assert.isString((await ask(late, {do: 'instance'})).value);
  for (const [name, port] of ports) {
    assert.equal(await stashing.order('count', {name}), 1);
    assert.equal((await askOn(port, name)).data, name);
    await stashing.order('tell', {name, message: 'told'});
    assert.equal((await nextOn(port)).data, 'told');
    port.close();
  }
  late.close();
  stashing.close();
  frame.remove();
});

/** What is done to the service meanwhile. */
const meanwhile = {
  'nothing happens': () => {},
  'the service is stopped': () => stopServiceWorker(service.origin),
};
for (const [what, happens] of Object.entries(meanwhile)) {
  test(
    `it connects while it is installed, and the active one loses no connection: ${what}`,
    async () => {
      const stashing = await stashingService();
      const [first, early, again] = [stashing.name(), stashing.name(), stashing.name()];
      const urlOf = (name) => `${stashing.scope}?answer=accepted&name=${encodeURIComponent(name)}`;
      const client = await stashingClient();
      const connect = async (name) => {
        const port = client.portTo(name);
        const heard = nextOn(port);
        await client.order('connect', {url: urlOf(name), name});
        assert.equal((await heard).data, 'You are connected!');
        return port;
      };
      const ports = [await connect(first)];
      const hold = `${first} install`;
      const updated = client.update({connect: urlOf(early), name: early, hold});
      await take(`${hold} began`);
      ports.push(await connect(again));
      await happens();
      for (const port of ports) assert.equal((await askOn(port, 'hello')).data, 'hello');
      await post(hold, true);
      await updated;
      ports.push(client.portTo(early));
      for (const port of ports) {
        let answer;
        // What the one before had not confirmed may come again.
        do answer = await askOn(port, 'hello again');
        while (answer.data !== 'hello again');
      }
      for (const name of [first, early, again]) await stashing.order('close', {name});
      stashing.close();
      client.remove();
    },
    what.includes('stopped')
      ? {
          seconds: 30,
          fails: {firefox: 'its driver stops no worker of one origin', webkit: 'its driver stops no worker'},
        }
      : {},
  );
}
