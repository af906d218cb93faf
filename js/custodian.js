/** The way from a service worker to the SharedWorker that takes ports into custody: through a window. */
import {CUSTODIAN_WAIT} from './limits.js';
import {hearServiceWorkers, takeRequests} from './requests.js';
import {PROTOCOL} from './shape.js';

/**
 * In a service worker.
 *
 * @returns {Promise<MessagePort | undefined>} where to send what is to be kept
 */
export async function findCustodian() {
  const {clients} = /** @type {any} */ (globalThis);
  const windows = await clients.matchAll({type: 'window', includeUncontrolled: true});
  if (windows.length === 0) return undefined;
  let silent = windows.length;
  return new Promise((resolve) => {
    // Those without our code never answer.
    const timer = setTimeout(resolve, CUSTODIAN_WAIT);
    for (const client of windows) {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = ({data: isCustodian}) => {
        silent--;
        if (!isCustodian && silent > 0) return;
        clearTimeout(timer);
        resolve(isCustodian ? port1 : undefined);
      };
      client.postMessage({navigatorConnect: PROTOCOL, type: 'custodian'}, [port2]);
    }
  });
}

/**
 * In a window: passes on what service workers give into custody.
 *
 * @param {() => Promise<MessagePort>} registryPort
 */
export const offerCustody = (registryPort) =>
  hearServiceWorkers(
    takeRequests('custodian', {}, async (port) => {
      // It may have to start first, which takes longer on a busy machine.
      const registry = await registryPort().catch(() => {});
      port.onmessage = ({data, ports}) => {
        registry?.postMessage(data, [...ports]);
        port.close();
      };
      port.postMessage(!!registry);
    }),
  );
