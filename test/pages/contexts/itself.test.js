/** A service worker that connects to itself. */
import {assert, test} from '../harness.js';
import {ask, nextFrom, rejects, services} from '../cases/connect-helpers.js';

services.addEventListener('connect', (event) => {
  const {searchParams} = new URL(event.targetURL);
  event.respondWith({accept: !searchParams.has('refuse'), name: 'service end', data: event.origin});
});

test('a service worker connects to itself', async () => {
  const mine = await services.connect('/contexts/itself', {name: 'client end'});
  const theirs = await services.match({name: 'service end'});
  assert.deepEqual(await services.matchAll(), [theirs, mine]);
  assert.notEqual(theirs, mine);
  assert.equal(theirs.targetURL, mine.targetURL);
  assert.equal(theirs.data, location.origin);
  const heard = nextFrom(theirs);
  mine.postMessage('there');
  assert.equal((await heard).data, 'there');
  const answered = nextFrom(mine);
  theirs.postMessage('and back');
  assert.equal((await answered).data, 'and back');
  const closed = nextFrom(theirs, 'close');
  mine.close();
  await closed;
  assert.deepEqual(await services.matchAll(), []);
});

test('a service worker refuses itself', () => rejects(services.connect('/contexts/itself?refuse'), 'AbortError'));

test('a service worker connects to itself many times, and every port keeps its peer', async () => {
  const echo = ({source, data}) => source.name === 'service end' && source.postMessage(data);
  services.addEventListener('message', echo);
  const ports = await Promise.all(Array.from({length: 20}, (_, i) => services.connect(`/contexts/itself?${i}`)));
  const answers = await Promise.all(ports.map((port) => ask(port, port.targetURL)));
  assert.deepEqual(
    answers,
    ports.map(({targetURL}) => targetURL),
  );
  services.removeEventListener('message', echo);
});
