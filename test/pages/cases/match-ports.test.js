/** match() and matchAll(). */
import {assert, installed, test} from '../harness.js';
import {answeringService, ask, rejects, services} from './connect-helpers.js';

const ours = async (ports, ...all) => (await ports).filter((port) => all.includes(port));

test('matchAll lists the open ports, oldest first, filtered by name and URL', async () => {
  const service = await answeringService();
  const [one, two] = [service.at('accept'), service.at('accept')];
  const a = await services.connect(one, {name: 'first'});
  const b = await services.connect(two, {name: 'second'});
  const c = await services.connect(two, {name: 'first'});
  const all = [a, b, c];
  assert.deepEqual(await ours(services.matchAll(), ...all), all);
  assert.deepEqual(await ours(services.matchAll(undefined), ...all), all);
  assert.deepEqual(await ours(services.matchAll(null), ...all), all);
  assert.deepEqual(await ours(services.matchAll({name: undefined}), ...all), all);
  assert.deepEqual(await services.matchAll({name: 'first'}), [a, c]);
  assert.deepEqual(await services.matchAll({targetURL: two}), [b, c]);
  assert.deepEqual(await services.matchAll({targetURL: two, name: 'first'}), [c]);
  assert.deepEqual(await services.matchAll({name: 'FIRST'}), []);
  assert.deepEqual(await services.matchAll({targetURL: `${two}#other`}), []);
  // Resolved before it is compared.
  const {origin, pathname, search} = new URL(two);
  assert.deepEqual(await services.matchAll({targetURL: `${origin}/elsewhere/..${pathname}${search}`}), [b, c]);
  assert.equal(await services.match({name: 'first'}), a);
  assert.equal(await services.match({targetURL: two}), b);
  assert.isUndefined(await services.match({name: 'none'}));
  assert.equal(await services.match({}), (await services.matchAll())[0]);
  a.close();
  assert.deepEqual(await services.matchAll({name: 'first'}), [c]);
  b.close();
  c.close();
  assert.deepEqual(await ours(services.matchAll(), ...all), []);
  service.close();
});

test('a name is converted to a string', async () => {
  const service = await answeringService();
  const port = await services.connect(service.at('accept'), {name: 42});
  assert.strictEqual(port.name, '42');
  assert.equal(await services.match({name: {toString: () => '42'}}), port);
  port.close();
  service.close();
});

test('match needs an argument, and both need URLs that parse', async () => {
  await rejects(services.match(), TypeError);
  await rejects(services.match({targetURL: 'http://['}), TypeError);
  await rejects(services.matchAll({targetURL: 'http://['}), TypeError);
});

test('a list is new each time, its ports are the same', async () => {
  const service = await answeringService();
  const port = await services.connect(service.at('accept'), {name: 'same'});
  assert.notEqual(await services.matchAll(), await services.matchAll());
  assert.equal(await services.match({name: 'same'}), port);
  assert.equal(await services.match({name: 'same'}), port);
  port.close();
  service.close();
});

test('a service worker finds its ports by their own names', async () => {
  const service = await answeringService();
  const port = await services.connect(service.at('accept', '&name=theirs'), {name: 'mine'});
  const {name, found} = await ask(port, {please: 'what is your port like'});
  assert.deepEqual({name, found}, {name: 'theirs', found: true});
  port.close();
  service.close();
});

test('in a service worker that is not active all three reject with InvalidStateError', async () => {
  const port = await services.connect(await installed('asking-early-service'));
  assert.deepEqual(await ask(port, 'what came of it?'), {
    install: {connect: 'InvalidStateError', match: 'InvalidStateError', matchAll: 'InvalidStateError'},
    activate: {match: 'resolved', matchAll: 'resolved'},
  });
  port.close();
});
