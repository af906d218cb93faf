/** What the measures that compare peers share. */
import {embed, service as place} from '/harness.js';
import {mount} from './frames.js';

/** The service's origin. */
export const {origin: service} = place;

/** Has the service worker of an origin installed and active. */
export async function install(origin = service) {
  const frame = await embed(origin);
  await frame.ask('install', {script: '/bench/service.js', scope: '/bench/echo/'});
  frame.remove();
}

/** A frame with one peer, ready to connect to the service of an origin. */
export async function openPeer(name, origin = service) {
  const frame = await mount(`/bench/peer.html?${new URLSearchParams({peer: name, service: origin})}`);
  const peer = await frame.contentWindow.peer;
  return {...peer, name, remove: () => frame.remove()};
}

/** @template T @param {T[]} items @returns {T[]} in random order, so that no peer always follows the same other */
export function shuffled(items) {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How much the last of `sizes`, with this unit, is of the one before, which belongs to a tenth as many. */
export function growth(record, of, sizes, unit) {
  const [tenth, whole] = sizes.slice(-2);
  // Less than nothing was freed meanwhile: of nothing, nothing can be a multiple.
  if (whole <= 0) record('growth from a tenth', of, 0, '×');
  else if (tenth > 0) record('growth from a tenth', of, whole / tenth, '×');
  else record('growth from nothing', of, whole, unit);
}
