/** The bounds that the README names: an error that says which, and nothing done. */
import {MAX_PENDING, MAX_WAITING, MESSAGE_SIZE} from '/js/limits.js';
import {assert, installed, service, test} from '../harness.js';
import {answeringService, ask, rejects, services} from './connect-helpers.js';

const KIND = 'QuotaExceededError';

/** Asserts that `act` throws the error, and returns it. */
function throws(act) {
  try {
    act();
  } catch (error) {
    assert.instanceOf(error, DOMException);
    assert.equal(error.name, KIND);
    return error;
  }
  return assert.fail('it did not throw');
}

test('a name has at most 65,536 characters', async () => {
  const scope = await installed('echo-service');
  const port = await services.connect(scope, {name: 'x'.repeat(65_536)});
  assert.equal(await ask(port, 'hello'), 'hello');
  port.close();
  const error = await rejects(services.connect(scope, {name: 'x'.repeat(65_537)}), KIND);
  assert.match(error.message, /name/);
});

test('data takes at most 16 MiB', async () => {
  const scope = await installed('echo-service');
  const port = await services.connect(scope, {data: new Uint8Array((16 << 20) - 1_024)});
  port.close();
  const error = await rejects(services.connect(scope, {data: new Uint8Array((16 << 20) + 1)}), KIND);
  assert.match(error.message, /data/);
});

test('the same bounds hold for what a service gives its port: AbortError at the client', async () => {
  const service = await answeringService();
  const port = await services.connect(service.at('longest-name'));
  assert.lengthOf((await ask(port, {please: 'what is your port like'})).name, 65_536);
  port.close();
  const refuses = async (answer, why) => {
    const url = service.at(answer);
    const report = service.reportOn(url);
    await rejects(services.connect(url), 'AbortError');
    const {outcomes, reasons} = await report;
    assert.deepEqual(outcomes, [{rejected: KIND, isDOMException: true}]);
    assert.match(reasons[0], why);
  };
  await Promise.all([
    refuses('too-long-name', /more than 65536 characters .* name/i),
    refuses('too-much-data', /more than 16777216 bytes .* data/i),
  ]);
  service.close();
});

test('so many attempts wait for an answer; those that are given up make room at once', async () => {
  const scope = await installed('echo-service');
  // Without it the next attempt would be another client's at the bridge.
  const port = await services.connect(scope);
  const end = new AbortController();
  const {signal} = end;
  const attempts = Array.from({length: MAX_PENDING}, (_, i) =>
    services.connect(`${service.origin}/nothing/${i}`, {signal}),
  );
  const outcomes = Promise.allSettled(attempts);
  const error = await rejects(services.connect(scope), KIND);
  assert.match(error.message, /attempts/);
  // Whatever has been found out about them.
  end.abort();
  const next = await services.connect(scope);
  assert.equal(await ask(next, 'room again'), 'room again');
  for (const {reason} of await outcomes) assert.equal(reason, signal.reason);
  next.close();
  port.close();
});

test('small messages wait for the other side, as many as bufferedAmount has told', async () => {
  const port = await services.connect(await installed('echo-service'));
  let posted = 0;
  // Nothing can be confirmed until this task ends.
  for (; port.bufferedAmount < MAX_WAITING; posted++) port.postMessage(posted);
  assert.isAbove(posted, (0.99 * MAX_WAITING) / MESSAGE_SIZE);
  assert.isAtMost(posted, MAX_WAITING / MESSAGE_SIZE);
  const error = throws(() => port.postMessage('one too many'));
  assert.include(error.message, ` ${MAX_WAITING} bytes of messages`);
  port.close();
});

test('large messages wait for the other side, up to the bound', async () => {
  const port = await services.connect(`${await installed('answering-service')}?answer=accept`);
  // What it answers is small: the bound holds at its end, too.
  const message = {please: 'what is your port like', padding: new Uint8Array(MAX_WAITING / 16)};
  for (let i = 0; i < 16; i++) port.postMessage(message);
  assert.isAtLeast(port.bufferedAmount, MAX_WAITING);
  assert.include(throws(() => port.postMessage('one too many')).message, ` ${MAX_WAITING} bytes of messages`);
  // The port is as good as before once they have arrived.
  let arrived = 0;
  await new Promise((resolve) => {
    const listener = ({source}) => {
      if (source !== port || ++arrived < 16) return;
      services.removeEventListener('message', listener);
      resolve();
    };
    services.addEventListener('message', listener);
  });
  // Nobody tells when it has been confirmed.
  while (port.bufferedAmount >= MAX_WAITING) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(await ask(port, 'room again'), 'room again');
  port.close();
});
