/** The module `bridge.mjs`: the bridge for windows of the service's own origin, which need no frame. */
import {currentHousehold} from './household.js';
import {requestSnapshot} from './registry-client.js';

export {Bridge} from './bridge.js';

/** The port to the registry, once it runs. */
export const registryPort = () => currentHousehold().registry.ready;

/** What the registry knows. */
export const snapshot = () => requestSnapshot(currentHousehold().registry);
