/** The way from a service worker to the SharedWorker that takes ports into custody: through a window. */
import {CUSTODIAN_WAIT} from './limits.js';
import {PROTOCOL, isMessage} from './shape.js';

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
export function offerCustody(registryPort) {
  navigator.serviceWorker?.addEventListener('message', async (event) => {
    const {data, ports} = event;
    if (!isMessage(data, 'custodian', {navigatorConnect: 'number'})) return;
    event.stopImmediatePropagation();
    if (data.navigatorConnect !== PROTOCOL || ports.length !== 1) return;
    const [port] = ports;
    const registry = await registryPort();
    port.onmessage = ({data, ports}) => {
      registry.postMessage(data, [...ports]);
      port.close();
    };
    port.postMessage('here');
  });
}
