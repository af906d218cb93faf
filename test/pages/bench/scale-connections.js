/** How many connections a page, its service and the registry bear, and what each costs. */
import {ask, assert, embed, loadScript, loader} from '/harness.js';
import {growth, install, service} from './compare.js';
import {courier} from './frames.js';

const SIZES = [100, 1_000, 10_000];
/** Attempts under way at once. */
const AT_ONCE = 100;

export default async function (record, quick) {
  await install();
  await loadScript(loader);
  const {services} = navigator;
  const scope = `${service}/bench/echo/`;
  const helper = await embed(service);
  const heap = async () => (await helper.ask('snapshot')).counters.heapBytes;

  const connect = (names) => Promise.all(names.map((name) => services.connect(`${scope}?${name}`, {name})));
  const hundred = (from) => Array.from({length: AT_ONCE}, (_, i) => `${from + i}`);
  // All that is made once is made by these, of which one stays.
  const [first, ...others] = await connect(hundred(-AT_ONCE));
  for (const port of others) port.close();
  const empty = {memory: await ask('memory'), heap: await heap()};
  const ports = [];
  const time = [];
  const memory = [];
  const begin = performance.now();
  let paused = 0;
  for (const size of quick ? SIZES.slice(0, 2) : SIZES) {
    while (ports.length < size) ports.push(...(await connect(hundred(ports.length))));
    const pause = performance.now();
    const label = size.toLocaleString('en');
    time.push(pause - begin - paused);
    memory.push((await ask('memory')) - empty.memory);
    record('connections on one page', `${label}: time`, time.at(-1), 'ms');
    record('connections on one page', `${label}: browser's memory`, memory.at(-1) / size / 1024, 'KiB each');
    record(
      'connections on one page',
      `${label}: registry's memory`,
      ((await heap()) - empty.heap) / size / 1024,
      'KiB each',
    );
    const [inPage, inWorker] = [await matchTime(services, `${size - 1}`), await matchTimeInWorker()];
    assert.isAtLeast(inWorker.ports, size + 1);
    record('match', `among ${label} ports of a page`, inPage, 'ms');
    record('match', `among ${label} ports of a service worker`, inWorker.time, 'ms');
    if (time.length > 1) {
      growth(record, `${label} connections: time`, time, 'ms');
      growth(record, `${label} connections: memory`, memory, 'bytes');
    }
    paused += performance.now() - pause;
  }
  for (const port of [first, ...ports]) port.close();
}

/** How long finding one by its name takes, in milliseconds. */
function matchTime(services, name) {
  return medianTime(async () => assert.equal((await services.match({name})).name, name));
}

async function matchTimeInWorker() {
  const port = await courier(service, 'match');
  const {data} = await new Promise((resolve) => (port.onmessage = resolve));
  return data;
}
