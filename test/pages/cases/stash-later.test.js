/** A port in use is stashed: a module of its own, since WebKit's session may end with it. */
import {assert, test} from '../harness.js';
import {askOn, nextOn} from './native-helpers.js';
import {stashingService} from './stash-helpers.js';

test(
  'stashed later, with messages under way in both directions, in order',
  async () => {
    const service = await stashingService();
    const name = service.name();
    const port = await service.connect('later', name);
    assert.equal(await askOn(port, 'plain'), 'plain');
    port.postMessage('stash');
    const count = 100;
    for (let i = 0; i < count; i++) port.postMessage(i);
    const heard = [];
    while (heard.length < count + 2) heard.push((await nextOn(port)).data);
    const numbers = heard.map((data) => data.data ?? data).filter((data) => typeof data === 'number');
    assert.deepEqual(
      numbers,
      Array.from({length: count}, (_, i) => i),
    );
    assert.isBelow(heard.indexOf('before'), heard.indexOf('after'));
    assert.equal(await service.order('count', {name}), 1);
    port.close();
    service.close();
  },
  {
    seconds: 8,
    fails: {webkit: 'it loses what is queued at a port that is transferred while it dispatches a message'},
  },
);
