/**
 * A registry's worker that pours generated messages out, a part on every port it gets, and ends each with a generation
 * that is no more, so that the window comes back. After the last part it tells a channel of the harness.
 */
import {generator, pour} from '../generate.js';

const {count, parts, seed, channel} = Object.fromEntries(new URL(import.meta.url).searchParams);
let served = 0;

/** @param {MessagePort} port */
export async function serve(port) {
  const part = served++;
  if (part === 2 * parts) await fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data: count})});
  if (part >= 2 * parts) return;
  // Every other part has no generation before the end, and so is heard to the end.
  const generated = generator(Number(seed) + part, {without: part % 2 ? [] : ['generation']});
  await pour(count / parts, generated, (message, ports) => port.postMessage(message, ports));
  port.postMessage({type: 'generation', generation: crypto.randomUUID()});
}
