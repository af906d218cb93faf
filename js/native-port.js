/** The native port that `navigator.connect` gives: it stands for a link. */
import {Pipe} from './pipe.js';
import {transferList} from './port.js';
import {requireArguments} from './webidl.js';

/**
 * @param {import('./link.js').Link} link
 * @param {any} _made the connection as a service worker's database has it
 * @returns {MessagePort}
 */
export let createNativePort = (link, _made) => {
  const {port1, port2} = new MessageChannel();
  new Pipe(link, port1);
  link.onmessageerror = () => port2.dispatchEvent(new MessageEvent('messageerror'));
  const {postMessage} = port2;
  // What went through the channel would come in a later task, in which a page that is left may not be any more; and of a
  // port that is closed, nobody else is told. Once it is transferred, the channel is all there is.
  return Object.assign(port2, {
    /** @param {any} message @param {any} [options] */
    postMessage(message, options) {
      requireArguments(arguments);
      const transfer = transferList(options);
      // It can't be posted over itself, and says so.
      if (transfer.includes(port2)) postMessage.call(port2, message, {transfer});
      link.post(message, transfer);
    },
    close() {
      try {
        // It is of no more use then. One that was transferred is not ours to close.
        structuredClone(0, {transfer: [port2]});
        link.close();
      } catch {}
    },
  });
};

/** In a service worker, they may be stashed. @param {typeof createNativePort} how */
export const createNativePortsBy = (how) => (createNativePort = how);
