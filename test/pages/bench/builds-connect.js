/** How long connecting takes with two builds. */
import {embed} from '/harness.js';
import {asleep, nothingRuns} from './asleep.js';
import {builds, inTurn, openBoth} from './builds.js';
import {openPeer} from './compare.js';

const COLD = 8;
const STOPPED = 8;
const WARM = 60;

export default async function (record) {
  const peers = await openBoth();
  const helpers = [];
  for (const origin of builds) helpers.push(await embed(origin));
  await inTurn(record, 'connect', 'cold: nothing runs', COLD, async (which) => {
    await nothingRuns(helpers[which]);
    const peer = await openPeer('navigator-connect', builds[which]);
    const time = await peer.connect();
    peer.remove();
    return time;
  });
  for (const peer of peers) await peer.connect();
  await inTurn(record, 'connect', 'service worker stopped', STOPPED, async (which) => {
    await asleep(helpers[which]);
    return peers[which].connectAgain();
  });
  await inTurn(record, 'connect', 'warm', WARM, (which) => peers[which].connectAgain());
}
