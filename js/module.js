/** The module form: no side effects until `install()` is called. */
import {installClient} from './install-client.js';
import {installServiceWorker} from './install-service-worker.js';
import {ownBridge} from './own-bridge.js';

/** Patches this global. */
export const install = () =>
  'ServiceWorkerGlobalScope' in globalThis ? installServiceWorker() : installClient(import.meta.url);

/**
 * What the registry of this page's own origin (and storage partition) knows, for inspectors and tests.
 *
 * @returns {Promise<import('./protocol.js').Snapshot>}
 */
export const snapshot = async () => (await ownBridge()).snapshot();
