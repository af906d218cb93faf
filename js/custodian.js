/** The way from a service worker to the SharedWorker that takes ports into custody: through a window. */
import {bound} from './bound.js';
import {CUSTODIAN_WAIT} from './limits.js';
import {askWindows, asking, forget} from './requests.js';

/**
 * In a service worker.
 *
 * @param {string} context this one, whose lock is held
 * @returns {Promise<MessagePort | undefined>} where to send what is to be kept
 */
export async function findCustodian(context) {
  const {clients} = /** @type {any} */ (globalThis);
  const windows = await clients.matchAll({type: 'window', includeUncontrolled: true});
  if (windows.length === 0) return undefined;
  let silent = windows.length;
  return new Promise((resolve) => {
    /** @param {MessagePort} [port] */
    const end = (port) => {
      endBound();
      asking.delete(ask);
      forget(ask);
      resolve(port);
    };
    // Those without our code never answer.
    const endBound = bound(CUSTODIAN_WAIT, end);
    /** @type {import('./requests.js').Ask} */
    const ask = {
      what: 'custodian',
      id: crypto.randomUUID(),
      context,
      take(port) {
        port.onmessage = ({data: isCustodian}) => {
          silent--;
          if (isCustodian) end(port);
          else if (silent <= 0) end();
        };
      },
    };
    asking.add(ask);
    askWindows(ask);
  });
}

/**
 * In a window: passes it on.
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
