/** As many connections as one client may have. */
import {assert, installed, note, test} from '../harness.js';
import {ask, services} from '../cases/connect-helpers.js';

test(
  'a client has at most 16,384 connections to an origin',
  async () => {
    const MAX = 16_384;
    const scope = await installed('echo-service');
    const begin = performance.now();
    let open = 0;
    const connect = () => services.connect(scope);
    while (open < MAX) {
      const more = Math.min(1_000, MAX - open);
      await Promise.all(Array.from({length: more}, connect));
      open += more;
    }
    await note(`${MAX} connections in ${(performance.now() - begin) | 0} ms`);
    const error = await connect().catch((error) => error);
    assert.instanceOf(error, DOMException);
    assert.equal(error.name, 'QuotaExceededError');
    const [other, last] = await services.matchAll();
    assert.equal(await ask(last, 'still works'), 'still works');
    last.close();
    // There is room once the service has confirmed that; it tells in between.
    let port;
    while (!port) {
      assert.equal(await ask(other, 'a round trip'), 'a round trip');
      port = await connect().catch(({name}) => assert.equal(name, 'QuotaExceededError'));
    }
    assert.equal(await ask(port, 'room again'), 'room again');
  },
  {seconds: 400},
);
