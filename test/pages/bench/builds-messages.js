/** Round trips and throughput of two builds. */
import {inTurn, openBoth} from './builds.js';
import {FLOOD, PLANS} from './messages.js';
import {payloads} from './payloads.js';

const ROUNDS = 24;

export default async function (record, quick) {
  const peers = await openBoth();
  for (const peer of peers) await peer.connect();
  for (const [payload, {inFlight}] of Object.entries(payloads)) {
    const {warm, calls, messages} = PLANS[payload];
    const rates = [];
    for (const peer of peers) {
      await peer.roundTrips(payload, warm);
      rates.push(await peer.flood(payload, 2 * inFlight));
    }
    const many = Math.min(Math.max(2 * inFlight, Math.round(FLOOD * Math.min(...rates))), messages);
    const rounds = quick ? ROUNDS / 4 : ROUNDS;
    await inTurn(record, 'round trip', payload, rounds, (which) => peers[which].roundTrips(payload, calls));
    await inTurn(record, 'throughput', payload, rounds, (which) => peers[which].flood(payload, many));
  }
}
