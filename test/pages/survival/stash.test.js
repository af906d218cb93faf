/** Stashed ports in Firefox, which stops workers by itself: the idle time that it is given here is short. */
import {assert, test} from '../harness.js';
import {STOPS, converse, endsWithWorker, given, leavesSleeping, stashingService} from '../cases/stash-helpers.js';
import {nextOn} from '../cases/native-helpers.js';

/** Waits until a start of the worker has ended. */
const ended = (instance) => navigator.locks.request(instance, {mode: 'shared'}, () => {});

const survives = async (makePort) => {
  const service = await stashingService();
  const name = service.name();
  const port = await makePort(service, name);
  const instances = new Set();
  await converse(port, service, name, instances, ended);
  assert.isAbove(instances.size, STOPS - 1);
  service.close();
};

const connected = async (service, name) => {
  const port = await service.connect('accepted', name);
  await nextOn(port);
  return port;
};

test('a stashed port survives ten stops, with messages in both directions, none lost', () => survives(connected), {
  seconds: 90,
});
test('one that a page posted to its worker does, too', () => survives(given), {seconds: 90});

/** Waits until the worker of a service has ended. */
const sleeps = async (service) => ended(await service.order('instance'));

test('a connection accepted with a plain port closes when the worker stops', () => endsWithWorker(sleeps), {
  seconds: 60,
});
test('a stashed port whose client has gone while the worker slept is stashed no more', () => leavesSleeping(sleeps), {
  seconds: 60,
});
