/** Two builds, each at an origin of its own: what is measured of either, in turn, and the ratio. */
import {facts} from '/harness.js';
import {install, median, openPeer, service} from './compare.js';

/** The origins: of the build that is judged, and of the other. */
export const builds = [service, facts.other];

/** A frame for each build, ready to connect. */
export async function openBoth() {
  for (const origin of builds) await install(origin);
  // One after the other: neither is to warm up beside the other.
  return [await openPeer('navigator-connect', builds[0]), await openPeer('navigator-connect', builds[1])];
}

/**
 * Takes a measure of both builds in each round, the one first that was second before, and keeps the median of the
 * ratios: what slows the machine for a while slows both.
 *
 * @param {(which: 0 | 1) => Promise<number>} take
 */
export async function inTurn(record, measure, of, rounds, take) {
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const values = [0, 0];
    for (const which of round % 2 ? [1, 0] : [0, 1]) values[which] = await take(which);
    ratios.push(values[0] / values[1]);
  }
  record(measure, of, median(ratios), '×', 'this build / the other');
}
