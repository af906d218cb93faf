/** Many clients of one service, each in a frame of its own. */
import {ask} from '/harness.js';
import {growth, install, openPeer} from './compare.js';

export default async function (record, quick) {
  await install();
  const peers = [await open()];
  const empty = await ask('memory');
  const time = [];
  const memory = [];
  for (const size of quick ? [5, 50] : [10, 100]) {
    const begin = performance.now();
    const more = await Promise.all(Array.from({length: size}, open));
    time.push(performance.now() - begin);
    memory.push((await ask('memory')) - empty);
    record('clients in frames of their own', `${size}: time`, time.at(-1), 'ms');
    record('clients in frames of their own', `${size}: browser's memory`, memory.at(-1) / size / 2 ** 20, 'MiB each');
    peers.push(...more);
    for (const peer of more) peer.remove();
  }
  growth(record, '100 clients: time', time, 'ms');
  growth(record, '100 clients: memory', memory, 'bytes');
}

/** A client that was answered. */
async function open() {
  const peer = await openPeer('navigator-connect');
  await peer.connect();
  await peer.roundTrips('100 B object', 1);
  return peer;
}
