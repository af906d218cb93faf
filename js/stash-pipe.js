/** Pipes whose application's port is stashed: messages pass the native channel by. */

/** @typedef {import('./pipe.js').Pipe} Pipe */

/** What is done when the mark has passed. @type {WeakMap<Pipe, Array<() => void>>} */
const held = new WeakMap();

/**
 * Until the mark that is on its way has passed, what is posted waits, and so does the end.
 *
 * @param {Pipe} pipe
 */
function hold(pipe) {
  /** @type {Array<() => void>} */
  const steps = [];
  held.set(pipe, steps);
  const {onmark} = pipe;
  pipe.onmark = () => {
    pipe.onmark = onmark;
    held.delete(pipe);
    for (const step of steps) pipe.guard(step);
  };
}

/**
 * Takes the native channel out of the way of the link's messages.
 *
 * @param {Pipe} pipe
 * @param {MessagePort} near the application's end of the channel; it receives nothing any more
 * @param {import('./pipe.js').Receiver} receive
 * @param {boolean} used whether something may be on its way through the channel
 */
export function takeOver(pipe, near, receive, used) {
  const {link, mark} = pipe;
  /** @type {Parameters<import('./pipe.js').Receiver>[]} */
  const waiting = [];
  near.addEventListener('message', (event) => {
    event.stopImmediatePropagation();
    if (event.data !== mark) {
      receive(event.data, event);
      return;
    }
    link.onmessage = receive;
    for (const message of waiting) receive(...message);
  });
  near.start();
  link.onmessageerror = () => {};
  link.onmessage = receive;
  if (!used) return;
  link.onmessage = (...message) => waiting.push(message);
  pipe.far.postMessage(mark);
  hold(pipe);
  MessagePort.prototype.postMessage.call(near, mark);
}

/**
 * Posts what is on its way through another channel before anything else.
 *
 * @param {Pipe} pipe
 * @param {MessagePort} from
 * @param {MessagePort} to
 */
export function drain(pipe, from, to) {
  pipe.listen(to);
  hold(pipe);
  from.postMessage(pipe.mark);
}

/**
 * Posts on the link, after what went through the native channel.
 *
 * @param {Pipe} pipe
 * @param {any} message
 * @param {Transferable[]} transfer
 */
export function postAfter(pipe, message, transfer) {
  const steps = held.get(pipe);
  if (steps) {
    const {message: copy, transfer: moved} = structuredClone({message, transfer}, {transfer});
    steps.push(() => pipe.link.post(copy, moved));
  } else {
    pipe.link.post(message, transfer);
  }
}

/**
 * Closes the link, after what was posted.
 *
 * @param {Pipe} pipe
 */
export function closeAfter(pipe) {
  const steps = held.get(pipe);
  if (steps) steps.push(() => pipe.link.close());
  else pipe.link.close();
}
