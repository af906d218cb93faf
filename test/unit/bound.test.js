/** A bound whose timer comes late starts anew, and fires in the end. */
import assert from 'node:assert/strict';
import {mock, test} from 'node:test';
import {bound} from '../../js/bound.js';
import {LATE, ROUNDS} from '../../js/limits.js';

const TIME = 5_000;

/** A clock that this test moves: `pass` lets time go by with timers, `stand` as for a browser that stands still. */
function clock(t) {
  let now = 0;
  mock.timers.enable({apis: ['setTimeout']});
  mock.method(performance, 'now', () => now);
  t.after(() => mock.reset());
  t.after(() => mock.timers.reset());
  return {
    pass(time) {
      now += time;
      mock.timers.tick(time);
    },
    stand: (time) => (now += time),
  };
}

test('it fires after its time, once', (t) => {
  const {pass} = clock(t);
  const act = mock.fn();
  bound(TIME, act);
  pass(TIME - 1);
  assert.equal(act.mock.callCount(), 0);
  pass(1);
  pass(10 * TIME);
  assert.equal(act.mock.callCount(), 1);
});

test('time in which nothing ran does not count, whenever that is', (t) => {
  const {pass, stand} = clock(t);
  for (const before of [0, 1, TIME - 1]) {
    const act = mock.fn();
    bound(TIME, act);
    pass(before);
    stand(100 * TIME);
    pass(TIME - before);
    assert.equal(act.mock.callCount(), 0);
    pass(TIME - 1);
    assert.equal(act.mock.callCount(), 0);
    pass(1);
    assert.equal(act.mock.callCount(), 1);
  }
});

test('a timer that is a little late is on time', (t) => {
  const {pass, stand} = clock(t);
  const act = mock.fn();
  bound(TIME, act);
  stand(LATE);
  pass(TIME);
  assert.equal(act.mock.callCount(), 1);
});

test('where timers are always late, it fires in the end', (t) => {
  const {pass, stand} = clock(t);
  const act = mock.fn();
  bound(TIME, act);
  for (let round = 1; round <= ROUNDS; round++) {
    assert.equal(act.mock.callCount(), 0);
    stand(60_000);
    pass(TIME);
  }
  assert.equal(act.mock.callCount(), 1);
});

test('it can be ended in any round', (t) => {
  const {pass, stand} = clock(t);
  for (const rounds of [0, 1]) {
    const act = mock.fn();
    const end = bound(TIME, act);
    for (let round = 0; round < rounds; round++) {
      stand(2 * LATE);
      pass(TIME);
    }
    end();
    pass(10 * TIME);
    assert.equal(act.mock.callCount(), 0);
  }
});
