/** What `copyMessage` gives is what `structuredClone` gives; sizes are what bounds can rely on. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {copyMessage, recycle, sizeOf, sizeOfPlain} from '../../js/copy.js';

const cyclic = {name: 'cyclic', self: null};
cyclic.self = cyclic;
const sparse = [1, , 3];

const values = {
  undefined,
  null: null,
  'a number': -0,
  'a bigint': 12n,
  'a flat object': {id: 1, label: 'x', visible: true, none: undefined, big: 3n, nothing: null},
  'a nested object': {a: {b: [1, {c: 2}]}},
  'an own __proto__': JSON.parse('{"__proto__": 1}'),
  'symbols and hidden members are left': Object.defineProperty({[Symbol('s')]: 1, seen: 2}, 'hidden', {value: 3}),
  'an object without a prototype': Object.assign(Object.create(null), {a: 1}),
  'an instance': new (class Point {
    x = 1;
  })(),
  'a date': new Date(5),
  'a map': new Map([['a', {b: 1}]]),
  'a set': new Set([1, 'two']),
  'an error': new RangeError('far'),
  'a cycle': cyclic,
  'a sparse array': sparse,
  'whole bytes': new Uint8Array([1, 2, 3]),
  'a part of bytes': new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
  'other numbers': new Float64Array([1.5, 2]),
  'a resizable buffer': new Uint8Array(new ArrayBuffer(2, {maxByteLength: 8})),
};

for (const [what, value] of Object.entries(values)) {
  test(`a copy of ${what}`, () => {
    const copy = copyMessage(value);
    const expected = structuredClone(value);
    assert.deepEqual(copy, expected);
    if (Object(value) === value) {
      assert.notEqual(copy, value);
      assert.equal(Object.getPrototypeOf(copy), Object.getPrototypeOf(expected));
      assert.deepEqual(Reflect.ownKeys(copy), Reflect.ownKeys(expected));
    }
  });
}

for (const [what, value] of Object.entries({'a function': () => {}, 'a symbol': Symbol(), 'one inside': {f() {}}})) {
  test(`${what} is refused as by structuredClone`, () => {
    assert.throws(() => copyMessage(value), {name: 'DataCloneError'});
  });
}

test('what a getter throws is thrown, and it runs once', () => {
  let times = 0;
  const thrown = new RangeError('from the getter');
  const hostile = {
    get bad() {
      times++;
      throw thrown;
    },
  };
  assert.throws(
    () => copyMessage(hostile),
    (error) => error === thrown,
  );
  assert.equal(times, 1);
});

test('a copy that is recycled is filled anew, and only for the same length', (t) => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const first = copyMessage(new Uint8Array([1, 2, 3]));
  recycle(first);
  assert.notEqual(copyMessage(new Uint8Array(4)), first);
  assert.equal(copyMessage(new Uint8Array([4, 5, 6])), first);
  assert.deepEqual([...first], [4, 5, 6]);
  recycle(first);
  t.mock.timers.tick(60_000);
  assert.notEqual(copyMessage(new Uint8Array([7, 8, 9])), first);
});

test('what is shared, or can grow, is not filled anew', () => {
  for (const buffer of [new SharedArrayBuffer(5), new ArrayBuffer(5, {maxByteLength: 8})]) {
    const copy = copyMessage(new Uint8Array(buffer));
    recycle(copy);
    assert.notEqual(copyMessage(new Uint8Array(5)), copy);
  }
});

test('a detached array is refused, an empty one is not', () => {
  const detached = new Uint8Array(5);
  structuredClone(detached, {transfer: [detached.buffer]});
  assert.throws(() => copyMessage(detached), {name: 'DataCloneError'});
  assert.equal(copyMessage(new Uint8Array(0)).length, 0);
});

test('a size grows with text, buffers and members, shared ones counted once', () => {
  const buffer = new ArrayBuffer(1_000);
  assert.ok(sizeOf('x'.repeat(100)) >= 200);
  assert.ok(sizeOf(buffer) >= 1_000);
  assert.equal(sizeOf([buffer, buffer]) - sizeOf([buffer]), sizeOf(null));
  assert.ok(sizeOf(new Map([['k', 'v'.repeat(500)]])) >= 1_000);
  assert.ok(sizeOf(new Uint8Array(buffer, 0, 1)) >= 1_000, 'all of what is viewed travels');
  assert.ok(Number.isFinite(sizeOf(cyclic)));
});

test('a plain size reaches its bound for what is large, cyclic or not plain', () => {
  assert.equal(sizeOfPlain({a: 'x'}), 64 + 2 + 8);
  assert.ok(sizeOfPlain({a: 'x'.repeat(5_000)}) >= 4_096);
  assert.ok(sizeOfPlain(cyclic) >= 4_096);
  assert.ok(sizeOfPlain({date: new Date()}) >= 4_096);
});
