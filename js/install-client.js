import {expectOwnBridge, ownBridge} from './own-bridge.js';
import {install} from './install.js';
import {services} from './services.js';
import {installCouriers} from './courier.js';
import {watchPageLife} from './connect.js';
import {offerCustody} from './custodian.js';

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
    watchPageLife(services);
    offerCustody((port) =>
      ownBridge().then(
        ({takeCustody}) => takeCustody(port),
        () => port.postMessage(false),
      ),
    );
  });
