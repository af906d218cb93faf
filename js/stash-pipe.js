/** Pipes whose application's port may be stashed: from then on, messages pass the native channel by. */
import {Pipe} from './pipe.js';

/** By the port that the application has. @type {WeakMap<MessagePort, StashPipe>} */
export const pipes = new WeakMap();

/**
 * Takes a port out of the hands that held it.
 *
 * @param {MessagePort} port
 * @returns {MessagePort} the same end of the same channel, with what is queued there
 * @throws {DOMException} `DataCloneError` unless it is a port that has not been transferred
 */
export const takePort = (port) => structuredClone([port], {transfer: [port]})[0];

/** What marks it, so that it is known what of the channel has passed. */
export class StashPipe extends Pipe {
  /** Passes through the native channel after all that was posted before, and is seen by this pipe only. */
  mark = crypto.randomUUID();
  /** Called when it has passed: the application's port is closed. */
  onmark = () => this.link.close();

  /**
   * @param {import('./link.js').Link} link
   * @param {MessagePort} far
   * @param {MessagePort | undefined} near the application's, where it is known
   * @param {any} record the end as the database has it; stashing the port changes it
   */
  constructor(link, far, near, record) {
    super(link, far);
    this.record = record;
    if (!near) return;
    pipes.set(near, this);
    link.onmessageerror = () => near.dispatchEvent(new MessageEvent('messageerror'));
    const {close} = near;
    // Of a port that is closed nobody else is told.
    Object.assign(near, {
      close: () => {
        near.postMessage(this.mark);
        close.call(near);
      },
    });
  }

  /**
   * @override
   * @param {MessageEvent} event
   */
  receive(event) {
    if (event.data === this.mark) this.onmark();
    else super.receive(event);
  }
}

/** What is done when the mark has passed. @type {WeakMap<StashPipe, Array<() => void>>} */
const held = new WeakMap();

/**
 * Until the mark that is on its way has passed, what is posted waits, and so does the end.
 *
 * @param {StashPipe} pipe
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
 * @param {StashPipe} pipe
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
 * @param {StashPipe} pipe
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
 * @param {StashPipe} pipe
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
 * @param {StashPipe} pipe
 */
export function closeAfter(pipe) {
  const steps = held.get(pipe);
  if (steps) steps.push(() => pipe.link.close());
  else pipe.link.close();
}
