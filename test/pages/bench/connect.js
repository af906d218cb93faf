/** How long connecting takes, beside the handshakes of those that have a frame at the other end. */
import {embed} from '/harness.js';
import {install, median, openPeer, service, shuffled} from './compare.js';
import {asleep, nothingRuns} from './asleep.js';

const COLD = 5;
const STOPPED = 5;
const WARM = 50;

export default async function (record) {
  await install();
  const helper = await embed(service);

  const cold = {'navigator-connect': [], penpal: [], comlink: []};
  for (let round = 0; round < COLD; round++) {
    for (const name of shuffled(Object.keys(cold))) {
      await nothingRuns(helper);
      const peer = await openPeer(name);
      cold[name].push(await peer.connect());
      peer.remove();
    }
  }
  for (const [name, times] of Object.entries(cold)) record('connect', 'cold: nothing runs', median(times), 'ms', name);

  const peer = await openPeer('navigator-connect');
  await peer.connect();
  const times = {stopped: [], warm: []};
  while (times.stopped.length < STOPPED) {
    await asleep(helper);
    times.stopped.push(await peer.connectAgain());
  }
  while (times.warm.length < WARM) times.warm.push(await peer.connectAgain());
  record('connect', 'service worker stopped', median(times.stopped), 'ms');
  record('connect', 'warm', median(times.warm), 'ms');
}
