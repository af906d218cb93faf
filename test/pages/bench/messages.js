/** Round trips and throughput of all peers, batch by batch in turn. */
import {install, median, openPeer, shuffled} from './compare.js';
import {payloads} from './payloads.js';

const PEERS = ['navigator-connect', 'bare-port', 'penpal', 'comlink', 'comlink-port', 'post-robot'];

/**
 * Calls before the first batch, calls of a batch, the most messages that one may have, and batches. What is handed over
 * is as fast as what is small: its batches must be as long, on a clock of a tenth of a millisecond.
 */
export const PLANS = {
  '100 B object': {warm: 300, calls: 100, messages: 4_000, rounds: 7},
  '1 KiB string': {warm: 300, calls: 100, messages: 4_000, rounds: 5},
  '64 KiB array': {warm: 300, calls: 50, messages: 400, rounds: 5},
  '64 KiB array, transferred': {warm: 300, calls: 100, messages: 4_000, rounds: 5},
  // Every call of these moves a megabyte there and back: by their 30th they are warm.
  '1 MiB array': {warm: 30, calls: 50, messages: 64, rounds: 3},
  '1 MiB array, transferred': {warm: 30, calls: 100, messages: 4_000, rounds: 5},
};

/** About how long a batch of many messages at once should take, in seconds: of slow peers it has fewer. */
export const FLOOD = 0.07;

export default async function (record, quick) {
  await install();
  const peers = [];
  for (const name of PEERS) {
    const peer = await openPeer(name);
    await peer.connect();
    peers.push(peer);
  }
  for (const payload of Object.keys(payloads)) {
    if (quick && payload.startsWith('1 ')) continue;
    const {warm, calls, messages, rounds} = PLANS[payload];
    const able = [];
    for (const peer of peers) {
      if (!(await peer.can(payload))) continue;
      await peer.roundTrips(payload, warm);
      const few = 2 * payloads[payload].inFlight;
      const rate = await peer.flood(payload, few);
      const many = Math.min(Math.max(few, Math.round(FLOOD * rate)), messages);
      able.push({peer, many, roundTrips: [], floods: []});
    }
    for (let round = 0; round < (quick ? 3 : rounds); round++) {
      for (const {peer, roundTrips} of shuffled(able)) roundTrips.push(await peer.roundTrips(payload, calls));
      for (const {peer, many, floods} of shuffled(able)) floods.push(await peer.flood(payload, many));
    }
    const bare = able.find(({peer}) => peer.name === 'bare-port');
    for (const {peer, roundTrips, floods} of able) {
      record('round trip', payload, median(roundTrips), 'µs', peer.name);
      record('throughput', payload, median(floods), 'messages/s', peer.name);
      // Round by round, so that what slows the machine for a while slows both.
      const relative = (own, others) => median(own.map((value, round) => value / others[round]));
      record('round trip relative to the bare port', payload, relative(roundTrips, bare.roundTrips), '×', peer.name);
      record('throughput relative to the bare port', payload, relative(floods, bare.floods), '×', peer.name);
    }
  }
}
