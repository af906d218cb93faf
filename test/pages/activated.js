/**
 * Those that were waited for. Firefox can empty a registration's object, for a minute, when one before it is collected;
 * so none is. See js/registrations.js.
 *
 * @type {Set<ServiceWorkerRegistration>}
 */
const held = new Set();

/**
 * Waits until the worker of a registration is active.
 *
 * @param {ServiceWorkerRegistration} registration
 * @returns {Promise<ServiceWorker>}
 */
export async function activated(registration) {
  held.add(registration);
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  while (worker.state !== 'activated') await changed(worker);
  return worker;
}

async function changed(worker) {
  if (worker.state === 'redundant') throw new Error(`${worker.scriptURL} could not be installed`);
  await new Promise((resolve) => worker.addEventListener('statechange', resolve, {once: true}));
}

/**
 * Registers a new version of a worker, and waits until it is active.
 *
 * @param {{scope: string, script: string}} how
 * @returns {Promise<{installing: number, waiting: number}>} milliseconds until it was installed, and from then on: only
 *   these are the version's before
 */
export async function update({scope, script}) {
  const begin = performance.now();
  const registration = await navigator.serviceWorker.register(script, {scope});
  const {installing} = registration;
  while (installing?.state === 'installing') await changed(installing);
  const installed = performance.now();
  await activated(registration);
  return {installing: Math.round(installed - begin), waiting: Math.round(performance.now() - installed)};
}

/**
 * Replaces a registration by one of another script, at once.
 *
 * @param {{scope: string, script: string}} how
 */
export async function replace({scope, script}) {
  const {serviceWorker} = navigator;
  const registration = await serviceWorker.getRegistration(scope);
  registration.unregister();
  await activated(await serviceWorker.register(script, {scope}));
}

/**
 * Registers a worker while another of the scope is being installed: it follows. The channel is told that it will.
 *
 * @param {{scope: string, script: string, channel: string}} how
 */
export async function follow({scope, script, channel}) {
  const registered = navigator.serviceWorker.register(script, {scope});
  await fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data: true})});
  await activated(await registered);
}
