/**
 * Custody: a stashed port that is no connection's is held where it does not end with its service worker, and speaks
 * to it over a link, as a client would.
 */
import {KEEPALIVE} from './limits.js';
import {CHANNEL, isMessage} from './shape.js';
import {Context} from './context.js';
import {Watch} from './watch.js';
import {Link} from './link.js';
import {Pipe} from './pipe.js';

export class Custody {
  #ask;
  /** @type {Context | undefined} made when there is something to keep */
  #context;
  /** @type {Map<string, {link: Link, scope: string}>} by connection */
  #kept = new Map();
  /** The starts of workers that the links speak to. */
  #workers = new Watch((context, links) => {
    for (const link of links) link.stopped(context);
  });

  /** @param {(message: object, transfer: Transferable[]) => void} ask has a window tell a service worker something */
  constructor(ask) {
    this.#ask = ask;
  }

  /** @param {MessageEvent} event */
  receive(event) {
    const {data, ports} = event;
    if (!isMessage(data, 'custody', {connection: 'string', scope: 'string'})) return;
    // Not a message for Go.
    event.stopImmediatePropagation();
    if (ports.length === 2 && !this.#kept.has(data.connection)) this.#keep(data, ports);
  }

  /**
   * @param {import('./protocol.js').Custody} request
   * @param {readonly MessagePort[]} ports
   */
  async #keep({connection, scope}, [port, channel]) {
    if (!this.#context) {
      this.#context = new Context();
      setInterval(() => this.#lookAfter(), KEEPALIVE);
      // A worker that has something to say and no port.
      new BroadcastChannel(CHANNEL).onmessage = ({data}) => {
        if (isMessage(data, 'need', {connection: 'string'})) this.#kept.get(data.connection)?.link.insist();
      };
    }
    const {id, lockHeld} = this.#context;
    const link = new Link(id, true);
    this.#kept.set(connection, {link, scope});
    await lockHeld;
    let worker = '';
    link.onneed = () => {
      const {port1, port2} = new MessageChannel();
      this.#ask({type: 'entangle', connection, scope, client: id}, [port2]);
      link.entangle(port1);
    };
    link.onhello = (context) => {
      this.#workers.remove(worker, link);
      this.#workers.add((worker = context), link);
    };
    link.onrelease = () => {
      this.#workers.remove(worker, link);
      this.#kept.delete(connection);
    };
    new Pipe(link, port);
    link.entangle(channel);
  }

  /** Keeps the workers awake whose links are in use, and wakes those that owe a confirmation, as bridges do. */
  #lookAfter() {
    const scopes = new Set();
    for (const {link, scope} of this.#kept.values()) {
      if (link.used) scopes.add(scope);
      else if (link.outstanding) link.insist();
      link.used = false;
    }
    for (const scope of scopes) this.#ask({type: 'keepalive', scope}, []);
  }
}
