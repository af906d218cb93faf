/**
 * Waits until the worker of a registration is active.
 *
 * @param {ServiceWorkerRegistration} registration
 * @returns {Promise<ServiceWorker>}
 */
export async function activated(registration) {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  while (worker.state !== 'activated') {
    if (worker.state === 'redundant') throw new Error(`${worker.scriptURL} could not be installed`);
    await new Promise((resolve) => worker.addEventListener('statechange', resolve, {once: true}));
  }
  return worker;
}
