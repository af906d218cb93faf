/**
 * A registry's worker that pours generated messages out, a part on every port it gets, and ends each with a generation
 * that is no more, so that the window goes on to another worker. Each takes the number of its part from a channel of the
 * harness; after the last one it tells another.
 */
import {generator, pour} from '../generate.js';

const {count, parts, seed, numbers, channel} = Object.fromEntries(new URL(import.meta.url).searchParams);

const ask = async (verb, params) =>
  (await fetch(`/harness/${verb}`, {method: 'POST', body: JSON.stringify(params)})).json();

/** @param {MessagePort} port */
export async function serve(port) {
  const part = await ask('take', {channel: numbers});
  if (part === 2 * parts) await ask('post', {channel, data: count});
  if (part >= 2 * parts) return;
  // Every other part has nothing that ends it before, and so is heard to the end.
  const generated = generator(Number(seed) + part, {without: part % 2 ? [] : ['generation', 'elsewhere']});
  await pour(count / parts, generated, (message, ports) => port.postMessage(message, ports));
  port.postMessage({type: 'generation', generation: crypto.randomUUID()});
}
