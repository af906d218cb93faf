/** How interfaces look, and how arguments are converted. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  INTERNAL,
  defineEventHandler,
  describeInterface,
  dictionary,
  domString,
  initEventHandlers,
  interfaceType,
  requireArguments,
  requireInternal,
  sequence,
} from '../../js/webidl.js';

test('a class looks like an interface', () => {
  class a {
    member() {}
  }
  describeInterface(a, 'Described', 2);
  assert.equal(a.name, 'Described');
  assert.equal(a.length, 2);
  assert.equal(`${new a()}`, '[object Described]');
  assert.deepEqual(Object.keys(a.prototype), ['member']);
});

test('arguments are counted, and constructors that scripts may not call refuse', () => {
  assert.throws(() => requireArguments([], 1), TypeError);
  requireArguments([undefined], 1);
  assert.throws(() => requireInternal(undefined), TypeError);
  requireInternal(INTERNAL);
});

test('a DOMString is made of anything but a symbol', () => {
  assert.equal(domString(null), 'null');
  assert.equal(domString({toString: () => 'own'}), 'own');
  assert.throws(() => domString(Symbol()), TypeError);
});

test('a sequence is made of what can be iterated, and no string', () => {
  assert.deepEqual(sequence(new Set([1, 2])), [1, 2]);
  for (const value of ['text', 1, null, {}]) assert.throws(() => sequence(value), TypeError);
});

test('a dictionary takes its members in order, converts those that are there, and leaves the rest', () => {
  const read = [];
  const value = new Proxy(
    {b: 2, a: undefined, other: 3},
    {
      get(target, name) {
        read.push(name);
        return target[name];
      },
    },
  );
  const found = dictionary(value, {a: domString, b: domString, c: domString});
  assert.deepEqual({...found}, {b: '2'});
  assert.deepEqual(read, ['a', 'b', 'c']);
  assert.deepEqual({...dictionary(undefined, {a: domString})}, {});
  assert.deepEqual({...dictionary(null, {a: domString})}, {});
  assert.throws(() => dictionary(1, {}), TypeError);
  // What is missing is not found on the result's prototype.
  assert.equal(dictionary({}, {}).toString, undefined);
});

test('an interface type knows its objects by a getter', () => {
  const signal = interfaceType(AbortSignal, 'aborted');
  const {signal: real} = new AbortController();
  assert.equal(signal(real), real);
  for (const value of [{}, Object.create(AbortSignal.prototype), 1, null]) assert.throws(() => signal(value));
});

class Target extends EventTarget {}
defineEventHandler(Target.prototype, 'message');

test('an event handler attribute keeps its place among the listeners', () => {
  const target = new Target();
  initEventHandlers(target);
  const order = [];
  target.onmessage = () => order.push('first handler');
  target.addEventListener('message', () => order.push('listener'));
  target.onmessage = () => order.push('handler');
  target.dispatchEvent(new Event('message'));
  assert.deepEqual(order, ['handler', 'listener']);
  target.onmessage = null;
  target.onmessage = () => order.push('again');
  target.dispatchEvent(new Event('message'));
  assert.deepEqual(order.slice(2), ['listener', 'again']);
});

test('an event handler that returns false cancels, and what is no object is null', () => {
  const target = new Target();
  initEventHandlers(target);
  assert.equal(target.onmessage, null);
  target.onmessage = 'text';
  assert.equal(target.onmessage, null);
  const idle = {handleEvent: () => assert.fail('an object is kept, and not called')};
  target.onmessage = idle;
  assert.equal(target.onmessage, idle);
  assert.ok(target.dispatchEvent(new Event('message', {cancelable: true})));
  target.onmessage = () => false;
  assert.ok(!target.dispatchEvent(new Event('message', {cancelable: true})));
});

test('an event handler attribute of a foreign receiver is an illegal invocation', () => {
  assert.throws(() => Target.prototype.onmessage, TypeError);
  assert.throws(() => void (Target.prototype.onmessage = null), TypeError);
});
