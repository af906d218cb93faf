/** What the cases about native ports share. */
import {installed} from '../harness.js';

/** The next message on a native port, in order, whenever it is asked for. */
const inboxes = new WeakMap();

/** @param {MessagePort} port */
function inboxOf(port) {
  let inbox = inboxes.get(port);
  if (!inbox) {
    inboxes.set(port, (inbox = {messages: [], waiting: []}));
    port.onmessage = (event) => {
      const taker = inbox.waiting.shift();
      if (taker) taker(event);
      else inbox.messages.push(event);
    };
  }
  return inbox;
}

/**
 * @param {MessagePort} port
 * @returns {Promise<MessageEvent>}
 */
export const nextOn = (port) =>
  new Promise((resolve) => {
    const inbox = inboxOf(port);
    if (inbox.messages.length > 0) resolve(inbox.messages.shift());
    else inbox.waiting.push(resolve);
  });

/** What is answered on a native port. */
export async function askOn(port, message, transfer = []) {
  const answer = nextOn(port);
  port.postMessage(message, transfer);
  return (await answer).data;
}

let number = 0;

/** A URL of the native service; each is another. */
export const nativeAt = async (answer) =>
  `${await installed('native-service')}?answer=${encodeURIComponent(answer)}&number=${number++}`;

/** A connected port that has been greeted. */
export async function greeted() {
  const port = await navigator.connect(await nativeAt('port'));
  await nextOn(port);
  return port;
}
