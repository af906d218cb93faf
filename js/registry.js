/**
 * The SharedWorker around the Go registry: it takes ports at once, since the first client's would be lost
 * otherwise, and hands them over when Go is ready; it starts Go anew when it ends.
 */
import 'wasm_exec';
import {Custody} from './custody.js';
import {asRegistry} from './one-registry.js';

/** @type {Set<MessagePort>} every client since the start */
const ports = new Set();

const custody = new Custody((message, transfer) => {
  // Another one each time: a window may be gone, or frozen, and not yet known to be.
  const [port] = ports;
  if (!port) return;
  ports.delete(port);
  ports.add(port);
  port.postMessage(message, transfer);
});

/** @type {((port: MessagePort) => void) | undefined} Go's entry point, while it runs */
let take;

/** What Go finds on the global. */
const host = {
  /** Go is ready, and takes ports from now on. */
  set take(/** @type {(port: MessagePort) => void} */ value) {
    take = value;
    for (const port of ports) value(port);
  },
  /** @param {MessagePort} port whose context is gone */
  forget: (port) => ports.delete(port),
};
/** @type {any} */ (globalThis).navigatorConnectRegistry = host;

/** @type {string | undefined} the name of the worker that is the registry, while this one is not */
let elsewhere;

/** @type {string | undefined} why there is no registry */
let broken;

/** @param {MessagePort} port whose client goes on to the registry */
function direct(port) {
  port.postMessage({type: 'elsewhere', name: elsewhere});
  port.close();
}

/** @param {MessageEvent} event */
const connected = ({ports: [port]}) => {
  if (elsewhere) {
    direct(port);
    return;
  }
  ports.add(port);
  port.addEventListener('message', (event) => custody.receive(event));
  if (broken) port.postMessage({type: 'broken', reason: broken});
  else take?.(port);
};
/** @type {any} */ (globalThis).onconnect = connected;

/** @returns {Promise<WebAssembly.Module>} */
async function load() {
  const url = new URL('registry.wasm', location.href);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}; deploy the whole dist/ folder`);
  if (response.headers.get('content-type')?.split(';')[0].trim() === 'application/wasm') {
    return WebAssembly.compileStreaming(response);
  }
  console.warn(`navigator-connect: ${url} is not served as application/wasm, which makes its start slower.`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** A program that ends again and again is not worth a processor. */
const MAX_STARTS = 10;

/** Rejects when it can't go on. */
async function run() {
  const module = await load();
  for (let start = 0; start < MAX_STARTS; start++) {
    const go = new /** @type {any} */ (globalThis).Go();
    await go.run(await WebAssembly.instantiate(module, go.importObject));
    // A panic ends Go and resolves: a new generation starts from what its clients know.
    take = undefined;
    // Its listeners are still there, and would throw.
    go._resume = () => {};
    console.error('navigator-connect: the registry ended unexpectedly and starts again.');
  }
  throw new Error(`it ended ${MAX_STARTS} times`);
}

/** @param {Error} error */
function fail({message}) {
  broken = `the registry can't run, connections work without it: ${message}. Under a Content-Security-Policy, registry.js must be served with 'wasm-unsafe-eval' in its script-src.`;
  for (const port of ports) port.postMessage({type: 'broken', reason: broken});
}

asRegistry(
  async () => {
    elsewhere = undefined;
    await run().catch(fail);
    // It stays the registry: one that says that there is none.
    return new Promise(() => {});
  },
  (name) => {
    elsewhere = name;
    for (const port of ports) direct(port);
    ports.clear();
  },
).catch(fail);
