/** Native MessagePorts that stand for one end of a link: what `navigator.connect` gives, and what a service accepts. */

import {isPrimitive, partsOf} from './copy.js';

/** By the port that the application has. @type {WeakMap<MessagePort, Pipe>} */
export const pipes = new WeakMap();

/**
 * Takes a port out of the hands that held it.
 *
 * @param {MessagePort} port
 * @returns {MessagePort} the same end of the same channel, with what is queued there
 * @throws {DOMException} `DataCloneError` unless it is a port that has not been transferred
 */
export const takePort = (port) => structuredClone([port], {transfer: [port]})[0];

/**
 * What is in a message that can only be transferred, a stream for example, and is transferred on. Buffers can be copied,
 * and are: so the link can send them again.
 *
 * @param {any} message just received, so that reading it runs nothing of the application's
 * @returns {Transferable[]}
 */
function carriersIn(message) {
  /** @type {Transferable[]} */
  const carriers = [];
  const objects = new Set([message]);
  for (const object of objects) {
    if (isPrimitive(object) || ArrayBuffer.isView(object)) continue;
    const parts = [...partsOf(object)];
    for (const part of parts) objects.add(part);
    if (parts.length > 0) continue;
    try {
      structuredClone(object);
    } catch {
      carriers.push(/** @type {Transferable} */ (object));
    }
  }
  return carriers;
}

/**
 * Posts on what was received.
 *
 * @param {(message: any, transfer: Transferable[]) => void} post
 * @param {any} message
 * @param {readonly MessagePort[]} ports
 */
function pass(post, message, ports) {
  try {
    post(message, [...ports]);
  } catch (error) {
    if (/** @type {Error} */ (error).name !== 'DataCloneError') throw error;
    post(message, [...new Set([...ports, ...carriersIn(message)])]);
  }
}

/** @typedef {import('./link.js').Link['onmessage']} Receiver */

/** A link's end in the shape of a native port. */
export class Pipe {
  /** Passes through the native channel after all that was posted before, and is seen by this pipe only. */
  mark = crypto.randomUUID();
  /** Called when it has passed: the application's port is closed. */
  onmark = () => this.link.close();

  /**
   * @param {import('./link.js').Link} link
   * @param {MessagePort} far entangled with the application's, which has it or will get it
   * @param {MessagePort} [near] the application's, where it is known
   * @param {any} [record] the end as a service worker's database has it; stashing the port changes it
   */
  constructor(link, far, near, record) {
    this.link = link;
    this.record = record;
    this.far = far;
    this.relay();
    this.listen(far);
    far.addEventListener('close', () => link.close()); // Fired by no engine yet.
    link.onmessageerror = () => near?.dispatchEvent(new MessageEvent('messageerror'));
    const {onrelease} = link;
    link.onrelease = () => {
      far.close();
      onrelease();
    };
    if (!near) return;
    pipes.set(near, this);
    // Of a port that is closed nobody else is told.
    Object.defineProperty(near, 'close', {
      configurable: true,
      writable: true,
      value: () => {
        near.postMessage(this.mark);
        MessagePort.prototype.close.call(near);
      },
    });
  }

  /** @param {MessagePort} port */
  listen(port) {
    port.onmessage = ({data, ports}) => {
      if (data === this.mark) this.onmark();
      else this.guard(() => pass((message, transfer) => this.link.post(message, transfer), data, ports));
    };
  }

  /** Lets the link's messages go to the application's port. */
  relay() {
    this.link.onmessage = (data, {ports}) =>
      pass((message, transfer) => this.far.postMessage(message, transfer), data, ports);
  }

  /** @param {() => void} post a native port's poster can't be told what was wrong: the connection ends instead */
  guard(post) {
    try {
      post();
    } catch (error) {
      console.error('navigator-connect: a port closes: a message could not be passed on:', error);
      this.link.close();
    }
  }
}
