/** A client that is a service worker. Nothing here may keep it awake but what it says itself. */
import {assert, installed, installedAt, note, origins, test} from '../harness.js';
import {relay} from './client-worker.js';

test(
  'a client that is a service worker stays awake while it talks, and sleeps when it is silent',
  async () => {
    const target = await installed('reporting-service');
    const scope = await installedAt(origins.own, 'relaying-client');
    const {instance} = await relay(scope, {connect: target}, 'talking');
    const answers = [];
    let told = () => {};
    new BroadcastChannel('talking').onmessage = ({data: {said}}) => told(answers.push(said));
    await relay(scope, {talk: true}, 'talking');
    // A worker that nobody keeps awake would have been stopped twice.
    while (answers.length < 75) await new Promise((resolve) => (told = resolve));
    assert.deepEqual(
      answers,
      answers.map((_, i) => i),
    );
    assert.deepEqual(await relay(scope, {talk: false}, 'talking'), {instance});
    const quiet = performance.now();
    await navigator.locks.request(instance, () => {});
    const asleep = performance.now() - quiet;
    await note(`asleep after ${Math.round(asleep)} ms`);
    assert.isAtMost(asleep, 60_000);
    // The connection has outlived the sleep.
    assert.notEqual((await relay(scope, {message: {said: 'awake'}}, 'talking')).instance, instance);
    while (answers.at(-1) !== 'awake') await new Promise((resolve) => (told = resolve));
    await relay(scope, {close: true}, 'talking');
  },
  {seconds: 180},
);
