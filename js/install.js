import {ServicePort} from './port.js';
import {ExtendableServicePortCloseEvent, ServicePortCloseEvent, ServicePortConnectEvent} from './events.js';
import {ServicePortCollection, services, watchActivation} from './services.js';
import {watchPageLife} from './connect.js';
import {installCouriers} from './courier.js';
import {expectOwnBridge, ownBridge} from './own-bridge.js';
import {serve} from './service.js';
import {ConnectEvent} from './connect-event.js';
import {NavigatorConnect} from './connect-native.js';
import {offerCustody} from './custodian.js';
import {StashedMessagePort, StashedPortCollection, installStash} from './stash.js';
import {includeMembers} from './webidl.js';

/**
 * Patches this global: `navigator.services` and its interfaces. Does nothing where the browser has them, and
 * nothing the second time. The only code of ours that touches globals.
 *
 * @param {string | undefined} loader where this script is from, if that is known
 */
export function install(loader) {
  const {navigator} = globalThis;
  if ('services' in navigator) return;
  const inServiceWorker = 'ServiceWorkerGlobalScope' in globalThis;
  const interfaces = {
    ServicePort,
    ServicePortCollection,
    ServicePortCloseEvent,
    ...(inServiceWorker && {
      ...{ServicePortConnectEvent, ExtendableServicePortCloseEvent},
      ...{ConnectEvent, StashedMessagePort, StashedPortCollection},
    }),
  };
  for (const [name, value] of Object.entries(interfaces)) {
    Object.defineProperty(globalThis, name, {value, writable: true, configurable: true});
  }
  includeMembers(Object.getPrototypeOf(navigator), {
    get services() {
      if (/** @type {unknown} */ (this) !== navigator) throw new TypeError('Illegal invocation');
      return services;
    },
  });
  includeMembers(Object.getPrototypeOf(navigator), NavigatorConnect);
  installCouriers();
  if (inServiceWorker) {
    watchActivation();
    installStash();
    serve(services);
  } else if ('document' in globalThis) {
    expectOwnBridge(loader);
    watchPageLife(services);
    offerCustody(async () => (await ownBridge()).registryPort());
  }
}
