/** The module form: no side effects until `install()` is called. */
import {currentHousehold} from './household.js';
import {requestSnapshot} from './registry-client.js';

export {install} from './install.js';

/**
 * What the registry of this page's own origin (and storage partition) knows, for inspectors and tests.
 *
 * @returns {Promise<import('./protocol.js').Snapshot>}
 */
export const snapshot = () => requestSnapshot(currentHousehold().registry);
