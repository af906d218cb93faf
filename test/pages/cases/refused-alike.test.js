/** A client of another origin can't tell from the error why it was refused. What the time tells is elsewhere. */
import {assert, facts, installed, service, test} from '../harness.js';
import {services} from './connect-helpers.js';

if (facts.client !== 'same-origin') {
  test('every refusal has the same name and message', async () => {
    const answering = await installed('answering-service');
    const answer = (kind) => services.connect(`${answering}?answer=${kind}`);
    const attempts = {
      'nothing registered': services.connect(`${service.origin}/nothing/here/`),
      'nothing to install': services.connect(`${service.origin}/nothing/here/`, {installWorker: true}),
      'no listener answers': answer('nobody'),
      'a listener that throws': answer('throw'),
      refused: answer('refuse'),
      rejected: answer('reject'),
      'not a dictionary': answer('string'),
    };
    const errors = await Promise.all(
      Object.entries(attempts).map(([why, attempt]) =>
        attempt.then(
          () => assert.fail(why),
          (error) => error,
        ),
      ),
    );
    const looks = errors.map(({name, message, code}) => JSON.stringify({name, message, code}));
    assert.deepEqual([...new Set(looks)], [looks[0]]);
    assert.equal(errors[0].name, 'AbortError');
    assert.deepEqual(Object.keys(errors[0]), []);
  });
}
