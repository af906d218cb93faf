/** The script of bridge.html. It obeys the page that embeds it, and nobody else. */
import {MAX_CLIENTS} from './limits.js';
import {Bridge} from './bridge.js';
import {passToRegistry} from './custodian.js';
import {currentHousehold} from './household.js';
import {answerWorker} from './registrations.js';
import {hearRequests} from './requests.js';
import {GONE, PROTOCOL, isMessage} from './shape.js';

/**
 * Serves the clients that share the embedding page: itself, its workers, its service worker.
 *
 * @param {MessagePort} page
 * @param {string} origin
 */
function serveClients(page, origin) {
  /** @type {Map<number, AbortController>} */
  const clients = new Map();
  page.onmessage = ({data, ports: [port]}) => {
    if (isMessage(data, 'serve', {client: 'number', kind: 'string'}) && port && !clients.has(data.client)) {
      if (clients.size >= MAX_CLIENTS) {
        port.postMessage({type: 'failed'});
        page.postMessage({type: 'left', client: data.client});
        return;
      }
      const end = new AbortController();
      clients.set(data.client, end);
      const {client, kind} = data;
      const onneed = (/** @type {boolean} */ traffic) => page.postMessage({type: 'need', client, traffic});
      const {left} = new Bridge(port, origin, kind, end.signal, onneed);
      left.then(() => page.postMessage({type: 'left', client}));
    } else if (isMessage(data, 'check')) {
      page.postMessage({type: 'checked'});
    } else if (isMessage(data, 'leave', {client: 'number'})) {
      clients.get(data.client)?.abort(data.gone === GONE);
      clients.delete(data.client);
    }
  };
  page.postMessage({type: 'ready', version: PROTOCOL});
}

if (parent !== window) {
  addEventListener('message', ({data, origin, source, ports}) => {
    if (source !== parent || ports.length !== 1 || !isMessage(data, 'hello', {navigatorConnect: 'number'})) return;
    if (!isSecureContext) return ports[0].postMessage({type: 'insecure'});
    serveClients(ports[0], origin);
  });
  hearRequests(async (request) => {
    // For the rest, a service worker asks windows that may open a bridge.
    if (request.what !== 'custodian') return;
    await answerWorker(request, (port) => passToRegistry(port, currentHousehold().registry.ready));
  });
}
