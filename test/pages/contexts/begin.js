/** Begins the global that is to run the cases: one of the kind that the run's facts name. */
import {activated} from '../activated.js';
import {ask, describe, facts, origins, servePage} from '../harness.js';

const {search} = location;

/** Whoever runs the cases as a page: a window, in whatever frame. */
const asWindow = (facts) => `/run.html?${new URLSearchParams(facts)}`;

const frame = (attributes) => {
  const element = document.createElement('iframe');
  Object.assign(element, {src: asWindow({...facts, kind: 'window'}), ...attributes});
  document.body.append(element);
};

/** A worker that failed to start says so to its page. */
const watch = (worker) => {
  worker.onerror = ({message, filename, lineno}) =>
    ask('result', {error: `the worker: ${message ?? 'it did not load'} ${filename}:${lineno}`});
};

const dedicated = (script, options) => watch(new Worker(`contexts/${script}${search}`, options));

const shared = (script, options) => {
  const worker = new SharedWorker(`contexts/${script}${search}`, options);
  watch(worker);
  worker.port.start();
};

const serviceWorker = async (script, options) => {
  const registration = await navigator.serviceWorker.register(`/contexts/${script}${search}`, options);
  const worker = await activated(registration);
  worker.postMessage('run');
  // Its cases wait for the harness, which is no event.
  setInterval(() => worker.postMessage('stay awake'), 10_000);
};

const module = {type: 'module'};

const kinds = {
  frame: () => frame({}),
  'sandboxed-frame': () => frame({sandbox: 'allow-scripts allow-same-origin'}),
  // A page of another site that frames one of this site: that is a storage partition of its own.
  'foreign-frame': () => frame({src: `${origins.crossSite}${asWindow({...facts, kind: 'returning-frame'})}`}),
  'returning-frame': () => frame({src: `${origins.own}${asWindow({...facts, kind: 'window'})}`}),
  worker: () => dedicated('worker.js'),
  'nested-worker': () => dedicated('worker.js'),
  'module-worker': () => dedicated('worker.mjs', module),
  sharedworker: () => shared('worker.js'),
  'module-sharedworker': () => shared('worker.mjs', module),
  serviceworker: () => serviceWorker('service-worker.js'),
  'module-serviceworker': () => serviceWorker('basics-service-worker.mjs', module),
};

export async function begin() {
  servePage();
  try {
    await kinds[facts.kind]();
  } catch (error) {
    ask('result', {error: describe(error)});
  }
}
