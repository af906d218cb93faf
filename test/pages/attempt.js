/**
 * Connects to `url`, as many times as `times` says, one after the other, in a global `without` something, and in which
 * so many milliseconds as `hurry` says pass at once. Tells `channel` what came of it, after a line on the console that
 * ends the page's own.
 */
import './relay.js';
import {describe, facts, loadScript, loader, post} from './harness.js';

const {url, channel, times = 1, without, hurry} = facts;

async function attempt() {
  const {services} = navigator;
  try {
    const port = await services.connect(url);
    const heard = new Promise((resolve) => services.addEventListener('message', resolve, {once: true}));
    port.postMessage('hello');
    // The port stays open, and with it the bridge, whose console is to be read.
    return {heard: (await heard).data};
  } catch (error) {
    return {name: error.name, message: error.message};
  }
}

async function main() {
  if (without) delete globalThis[without];
  const {setTimeout} = globalThis;
  globalThis.setTimeout = (run, delay, ...more) => setTimeout(run, delay === Number(hurry) ? 0 : delay, ...more);
  await loadScript(loader);
  const outcomes = [];
  while (outcomes.length < times) outcomes.push(await attempt());
  console.debug(channel);
  await post(channel, outcomes);
}

main().catch((error) => post(channel, describe(error)));
