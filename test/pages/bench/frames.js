/** Frames, and the ports that one of the service's origin brings to its service worker. */

/**
 * @param {string} src
 * @param {boolean} [wait] until it has loaded
 * @returns {Promise<HTMLIFrameElement>}
 */
export async function mount(src, wait = true) {
  const frame = document.createElement('iframe');
  frame.src = src;
  frame.hidden = true;
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  if (wait) await loaded;
  return frame;
}

/**
 * A port whose other end the service worker has; or, to `watch`, that tells what it says to windows of its origin.
 *
 * @param {string} service the origin
 * @param {string} use what for; see service.js
 * @param {boolean} [keep] whether to keep the worker awake from now on
 * @returns {Promise<MessagePort>}
 */
export async function courier(service, use, keep = false) {
  const frame = await mount(`${service}/bench/courier.html`);
  const {port1, port2} = new MessageChannel();
  frame.contentWindow.postMessage({use, keep}, service, [port2]);
  return port1;
}
