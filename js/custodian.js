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
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CUSTODIAN_WAIT);
    for (const client of windows) {
      const {port1, port2} = new MessageChannel();
      port1.onmessage = () => {
        clearTimeout(timer);
        resolve(port1);
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
      // Where there is no registry, another window, or nobody, answers.
      const registry = await registryPort().catch(() => {});
      port.onmessage = ({data, ports}) => {
        registry?.postMessage(data, [...ports]);
        port.close();
      };
      if (registry) port.postMessage('here');
    }),
  );
