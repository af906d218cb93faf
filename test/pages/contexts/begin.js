/** Begins the global that is to run the cases: one of the kind that the run's facts name. */
import {ask, describe, facts, servePage} from '../harness.js';

const frame = (attributes) => {
  const element = document.createElement('iframe');
  const query = new URLSearchParams({...facts, kind: 'window'});
  Object.assign(element, {src: `/run.html?${query}`, ...attributes});
  document.body.append(element);
};

const {search} = location;

/** A worker that failed to start says so to its page. */
const watch = (worker) => {
  worker.onerror = ({message, filename, lineno}) =>
    ask('result', {error: `the worker: ${message ?? 'it did not load'} ${filename}:${lineno}`});
};

const kinds = {
  frame: () => frame({}),
  'sandboxed-frame': () => frame({sandbox: 'allow-scripts allow-same-origin'}),
  worker: () => watch(new Worker(`contexts/worker.js${search}`)),
  'module-worker': () => watch(new Worker(`contexts/worker.mjs${search}`, {type: 'module'})),
  'nested-worker': () => watch(new Worker(`contexts/worker.js${search}`)),
  sharedworker: () => {
    const worker = new SharedWorker(`contexts/worker.js${search}`);
    watch(worker);
    worker.port.start();
  },
  'module-sharedworker': () => {
    const worker = new SharedWorker(`contexts/worker.mjs${search}`, {type: 'module'});
    watch(worker);
    worker.port.start();
  },
  async serviceworker() {
    const script = `/contexts/${facts.module.split('/').at(-1)}-service-worker.js${search}`;
    const registration = await navigator.serviceWorker.register(script, {type: 'module'});
    const worker = registration.installing ?? registration.active;
    while (worker.state !== 'activated') {
      if (worker.state === 'redundant') throw new Error(`${script} could not be installed`);
      await new Promise((resolve) => worker.addEventListener('statechange', resolve, {once: true}));
    }
    worker.postMessage('run');
    // Its cases wait for the harness, which is no event.
    setInterval(() => worker.postMessage('stay awake'), 10_000);
  },
};

export async function begin() {
  servePage();
  try {
    await kinds[facts.kind]();
  } catch (error) {
    ask('result', {error: describe(error)});
  }
}
