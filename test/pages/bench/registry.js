/** The registry alone: its start, what it bears through the wasm boundary, and what it holds. */
import {assert} from '/harness.js';
import {CHANNEL, ROOT} from '/js/shape.js';
import {Context, gone} from '/js/context.js';
import {median} from './compare.js';
import {mount} from './frames.js';

const STARTS = 5;
const CONNECTIONS = 10_000;

export default async function (record) {
  const starts = [];
  while (starts.length < STARTS) {
    // A SharedWorker ends with its last page, here with the frame.
    const frame = await mount('/bench/registry-start.html');
    const {time, generation} = await frame.contentWindow.started;
    starts.push(time);
    frame.remove();
    await gone(generation, new AbortController().signal);
  }
  record('registry', 'start until it greets its first client', median(starts), 'ms');

  const registry = await introduced();
  const all = Array.from({length: CONNECTIONS}, () => crypto.randomUUID());
  const scope = `${location.origin}/bench/echo/`;
  const open = (connection) => {
    registry.postMessage({type: 'connect', connection, origin: 'https://acme.example', targetURL: scope + connection});
    registry.postMessage({type: 'answer', connection, scope, name: 'echo'});
  };
  const close = (connection) => registry.postMessage({type: 'close', connection});
  const kib = (bytes) => bytes / 1024;

  const before = await snapshot(registry, 0);
  const begin = performance.now();
  for (const connection of all) {
    open(connection);
    close(connection);
  }
  await snapshot(registry, 0);
  record('registry', 'messages from JavaScript to Go', (1_000 * 3 * CONNECTIONS) / (performance.now() - begin), '/s');

  all.forEach(open);
  all.forEach(close);
  const after = await snapshot(registry, 0);
  // A snapshot of so many takes memory itself: it comes last.
  all.forEach(open);
  const full = await snapshot(registry, CONNECTIONS);
  record('registry', 'heap: empty', kib(before.heapBytes), 'KiB');
  record('registry', 'heap: after 10,000 connections came and went', kib(after.heapBytes), 'KiB');
  record('registry', 'resident: empty', kib(before.sysBytes), 'KiB');
  record('registry', 'resident: after 10,000 connections came and went', kib(after.sysBytes), 'KiB');
  record('registry', 'heap for an idle connection', kib(full.heapBytes - before.heapBytes) / CONNECTIONS, 'KiB');
}

/** @returns {Promise<MessagePort>} to the registry, which knows this page from now on */
async function introduced() {
  const {port} = new SharedWorker(`${ROOT}registry.js`, {name: CHANNEL});
  const context = new Context();
  await context.lockHeld;
  await new Promise((resolve) => (port.onmessage = resolve));
  port.postMessage({type: 'introduce', context: context.id, kind: 'window', scope: ''});
  return port;
}

/** What it counts, once it has done all that it was told before. */
async function snapshot(registry, expected) {
  const {port1, port2} = new MessageChannel();
  registry.postMessage({type: 'snapshot'}, [port2]);
  const {data} = await new Promise((resolve) => (port1.onmessage = resolve));
  assert.lengthOf(data.connections, expected);
  return data.counters;
}
