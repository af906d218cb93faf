/** What comes while changes are being made is made with the next, together; each is told of what became of it. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {batching} from '../../js/batching.js';

/** A target whose opening and commits end when the test says so. */
function target() {
  const batches = [];
  const ends = [];
  const openings = [];
  const write = batching(
    () => new Promise((resolve, reject) => openings.push({resolve: () => resolve('target'), reject})),
    (opened, changes) => {
      const made = [];
      for (const change of changes) change(opened, made);
      batches.push(made);
      return new Promise((resolve, reject) => ends.push({resolve, reject}));
    },
  );
  return {write, batches, ends, openings};
}

/** Until all that follows from the last step has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const making = (name) => (_, made) => made.push(name);

test('what comes before the target is open is made at once', async () => {
  const {write, batches, ends, openings} = target();
  const done = ['a', 'b', 'c'].map((name) => write(making(name)));
  await settled();
  assert.equal(openings.length, 1);
  openings[0].resolve();
  await settled();
  assert.deepEqual(batches, [['a', 'b', 'c']]);
  ends[0].resolve();
  await Promise.all(done);
});

test('what comes while others are made waits, and is made together', async () => {
  const {write, batches, ends, openings} = target();
  const first = write(making('a'));
  openings[0].resolve();
  await settled();
  const order = [];
  const later = ['b', 'c', 'd'].map((name) => write(making(name)).then(() => order.push(name)));
  await settled();
  assert.deepEqual(batches, [['a']]);
  ends[0].resolve();
  await first;
  await settled();
  openings[1].resolve();
  await settled();
  assert.deepEqual(batches, [['a'], ['b', 'c', 'd']]);
  assert.deepEqual(order, []);
  ends[1].resolve();
  await Promise.all(later);
  assert.deepEqual(order, ['b', 'c', 'd']);
});

test('a change that throws is told so, and the others are made', async () => {
  const {write, batches, ends, openings} = target();
  const thrown = new Error('no such key');
  const outcomes = [
    write(making('a')),
    write(() => {
      throw thrown;
    }),
    write(making('b')),
  ];
  openings[0].resolve();
  await settled();
  ends[0].resolve();
  const [a, bad, b] = await Promise.allSettled(outcomes);
  assert.deepEqual([a.status, bad.reason, b.status], ['fulfilled', thrown, 'fulfilled']);
  assert.deepEqual(batches, [['a', 'b']]);
});

test('a target that does not open fails all that wait, and the next attempt opens it anew', async () => {
  const {write, batches, ends, openings} = target();
  const failed = [write(making('a')), write(making('b'))];
  openings[0].reject(new Error('blocked'));
  for (const outcome of await Promise.allSettled(failed)) assert.match(`${outcome.reason}`, /blocked/);
  const again = write(making('c'));
  await settled();
  openings[1].resolve();
  await settled();
  ends[0].resolve();
  await again;
  assert.deepEqual(batches, [['c']]);
});

test('a commit that fails fails its batch alone', async () => {
  const {write, batches, ends, openings} = target();
  const first = write(making('a'));
  openings[0].resolve();
  await settled();
  const second = write(making('b'));
  ends[0].reject(new Error('quota'));
  await assert.rejects(first, /quota/);
  await settled();
  openings[1].resolve();
  await settled();
  ends[1].resolve();
  await second;
  assert.deepEqual(batches, [['a'], ['b']]);
});
