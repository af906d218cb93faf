/** Native channels that stand for one end of a link: the application has, or gets, the other end of the channel. */
import {isPrimitive, partsOf} from './copy.js';

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
    if (isPrimitive(object)) continue;
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
  /**
   * @param {import('./link.js').Link} link
   * @param {MessagePort} far entangled with the application's, which has it or will get it
   */
  constructor(link, far) {
    this.link = link;
    this.far = far;
    this.relay();
    this.listen(far);
    far.addEventListener('close', () => link.close()); // Fired by no engine yet.
    const {onrelease} = link;
    link.onrelease = () => {
      far.close();
      onrelease();
    };
  }

  /** @param {MessagePort} port */
  listen(port) {
    port.onmessage = (event) => this.receive(event);
  }

  /** @param {MessageEvent} event from the application's port */
  receive({data, ports}) {
    this.guard(() => pass((message, transfer) => this.link.post(message, transfer), data, ports));
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
