import {expectOwnBridge} from './own-bridge.js';
import {install} from './install.js';
import {installCouriers} from './courier.js';
import {watchPageLife} from './connect.js';

/**
 * Patches a window, a dedicated or a shared worker.
 *
 * @param {string | undefined} loader where this script is from, if that is known
 */
export const installClient = (loader) =>
  install([], () => {
    installCouriers();
    if (!('document' in globalThis)) return;
    expectOwnBridge(loader);
    watchPageLife();
  });
