/** Many messages at once for a service worker that sleeps. */
import {ask, assert, embed, loadScript, loader} from '/harness.js';
import {growth, install, service} from './compare.js';
import {asleep} from './asleep.js';
import {payloads} from './payloads.js';

export default async function (record) {
  await install();
  await loadScript(loader);
  const {services} = navigator;
  const helper = await embed(service);
  const port = await services.connect(`${service}/bench/echo/`);
  const message = payloads['100 B object'].make();
  const time = [];
  const memory = [];
  for (const [round, size] of [1_000, 1_000, 10_000].entries()) {
    await asleep(helper);
    const before = await ask('memory');
    let answers = 0;
    const done = new Promise((resolve) => (services.onmessage = () => ++answers === size && resolve()));
    const begin = performance.now();
    for (let i = 0; i < size; i++) port.postMessage(message);
    const posted = performance.now() - begin;
    const {bufferedAmount} = port;
    const queued = ask('memory');
    await done;
    const answered = performance.now() - begin;
    const after = (await queued) - before;
    // The first is for all that is made once.
    if (round === 0) continue;
    const label = size.toLocaleString('en');
    time.push(answered);
    memory.push(after);
    assert.isAbove(bufferedAmount, 0);
    record('messages queued for a sleeping worker', `${label}: posted after`, posted, 'ms');
    record('messages queued for a sleeping worker', `${label}: all answered after`, time.at(-1), 'ms');
    record('messages queued for a sleeping worker', `${label}: browser's memory`, memory.at(-1) / 2 ** 20, 'MiB');
  }
  growth(record, '10,000 queued messages: time', time, 'ms');
  growth(record, '10,000 queued messages: memory', memory, 'bytes');
}
