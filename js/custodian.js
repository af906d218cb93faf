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
 * In a window: hears service workers that have something to give into custody.
 *
 * @param {(port: MessagePort) => void} take
 */
export const offerCustody = (take) => hearServiceWorkers(takeRequests('custodian', {}, take));

/**
 * Passes it on.
 *
 * @param {MessagePort} port where it comes from
 * @param {Promise<MessagePort>} registryPort
 */
export async function passToRegistry(port, registryPort) {
  // It may have to start first, which takes longer on a busy machine.
  const registry = await registryPort.catch(() => {});
  port.onmessage = ({data, ports}) => {
    registry?.postMessage(data, [...ports]);
    port.close();
  };
  port.postMessage(!!registry);
}
