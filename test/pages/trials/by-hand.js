/** What a page does that has no loader, and speaks the protocol of the bridge by itself. */
import {PROTOCOL, ROOT, isMessage} from '/js/shape.js';

const heard = (port, fits) =>
  new Promise((resolve) => {
    port.addEventListener('message', function listener({data}) {
      if (!fits(data)) return;
      port.removeEventListener('message', listener);
      resolve(data);
    });
    port.start();
  });

/**
 * Mounts a bridge and says hello.
 *
 * @param {string} origin
 */
export async function mountBridge(origin) {
  const frame = document.createElement('iframe');
  frame.src = `${origin}${ROOT}bridge.html`;
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  await loaded;
  const {port1: page, port2} = new MessageChannel();
  const ready = heard(page, (data) => isMessage(data, 'ready'));
  frame.contentWindow.postMessage({navigatorConnect: PROTOCOL, type: 'hello'}, origin, [port2]);
  await ready;
  let clients = 0;
  return {
    frame,
    page,
    /** A control port. */
    serve() {
      const {port1, port2} = new MessageChannel();
      page.postMessage({type: 'serve', client: 1_000 + ++clients, kind: 'window'}, [port2]);
      port1.start();
      return port1;
    },
    remove: () => frame.remove(),
  };
}

/**
 * Connects over a control port.
 *
 * @param {MessagePort} control
 * @param {number} attempt
 * @param {string} targetURL
 * @returns {Promise<MessagePort>} the data port, on which the service has said hello
 */
export async function connectByHand(control, attempt, targetURL) {
  const {port1, port2} = new MessageChannel();
  const greeted = heard(port1, (data) => isMessage(data, 'hello', {context: 'string'}));
  control.postMessage({type: 'connect', attempt, connection: crypto.randomUUID(), targetURL, installWorker: false}, [
    port2,
  ]);
  await greeted;
  return port1;
}

export {heard};
