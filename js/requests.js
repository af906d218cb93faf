/** What workers ask of windows, among the application's messages. */
import {PROTOCOL, isMessage} from './shape.js';

/**
 * Takes such a request out of them.
 *
 * @param {string} type
 * @param {Parameters<typeof isMessage>[2]} fields
 * @param {(port: MessagePort, request: any) => void} serve
 * @returns {(event: MessageEvent) => void}
 */
export const takeRequests = (type, fields, serve) => (event) => {
  const {data, ports} = event;
  if (!isMessage(data, type, {navigatorConnect: 'number', ...fields})) return;
  event.stopImmediatePropagation();
  if (data.navigatorConnect === PROTOCOL && ports.length === 1) serve(ports[0], data);
};

/**
 * Where those of service workers come. In a sandbox there are none, and Chromium's getter throws.
 *
 * @param {(event: MessageEvent) => void} take
 */
export const hearServiceWorkers = (take) => {
  if (origin !== 'null') navigator.serviceWorker?.addEventListener('message', take);
};
