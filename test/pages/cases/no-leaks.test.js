/** What 200 connections leave behind, at both sides: nothing. */
import {assert, bridgeIsGone, embed, installed, note, service, test} from '../harness.js';
import {services, snapshotOnce} from './connect-helpers.js';

test(
  'the frames and the registry are as before after 200 connections',
  async () => {
    const scope = await installed('echo-service');
    // The last client of the registry, so that it lives on.
    const witness = await embed(service.origin);
    // The witness, the service worker and, where it needs no bridge, this page.
    const contexts = ['serviceworker', 'window', ...(service.origin === location.origin ? ['window'] : [])];
    /** The registry once nothing is connected and the bridge has gone. */
    const settled = async () => {
      await bridgeIsGone();
      await snapshotOnce(witness, ({connections, contexts: known}) => {
        const kinds = known.map(({kind}) => kind).sort();
        return connections.length === 0 && `${kinds}` === `${contexts}`;
      });
      // Each snapshot collects garbage first, and Go keeps its caches for one time more.
      await witness.ask('snapshot');
      return witness.ask('snapshot');
    };
    const connectAndClose = async () => (await services.connect(scope)).close();
    const many = async () => {
      // Nobody waits for the registry: but for the first, which stays, a bridge might begin or go without having told it
      // of the others.
      const first = await services.connect(scope);
      const {counters} = await snapshotOnce(witness, ({connections}) => connections.length === 1);
      for (let i = 0; i < 100; i++) await connectAndClose();
      await Promise.all(Array.from({length: 100}, connectAndClose));
      const isTold = ({connections, counters: {connects}}) =>
        connections.length === 1 && connects === counters.connects + 200;
      await snapshotOnce(witness, isTold);
      first.close();
    };

    // Once before, with a registry that runs, so that what is allocated for so many is there.
    await witness.ask('snapshot');
    await many();
    const before = await settled();
    const frames = document.querySelectorAll('iframe').length;
    await many();
    const after = await settled();

    assert.equal(after.generation, before.generation);
    assert.equal(document.querySelectorAll('iframe').length, frames);
    assert.isEmpty(await services.matchAll());
    const grown = (counter) => after.counters[counter] - before.counters[counter];
    assert.equal(grown('connects'), 201);
    // One that is closed before the bridge has heard that it was accepted counts as failed.
    assert.equal(grown('closed') + grown('failed'), grown('connects'));
    await note(`the registry's heap grew from ${before.counters.heapBytes} by ${grown('heapBytes')} bytes`);
    // Go's maps still grow in steps now and then. 200 connections that stay would be more than twice this.
    assert.isBelow(grown('heapBytes'), 16_384);
    witness.remove();
  },
  {fresh: true},
);

test(
  'frames that leave before the registry runs are forgotten',
  async () => {
    const frames = await Promise.all(Array.from({length: 10}, () => embed(service.origin)));
    const witness = await embed(service.origin);
    witness.ask('meet the registry');
    await Promise.all(frames.map((frame) => frame.ask('meet the registry')));
    for (const frame of frames) frame.remove();
    await snapshotOnce(witness, ({counters}) => counters.ports === 1);
    witness.remove();
  },
  {fresh: true},
);
