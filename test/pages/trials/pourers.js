/** What a page of the service's origin pours out, called by way of `frame.js`. */
import {CHANNEL, PROTOCOL, ROOT} from '/js/shape.js';
import {generator, pour} from '../generate.js';

export async function toParent({seed, count, origin}) {
  await pour(count, generator(seed), (message, ports) => parent.postMessage(message, origin, ports));
  parent.postMessage({poured: count}, origin);
}

/**
 * To the registry, on ports and on the channel it shares with service workers. It drops a port that introduces a context
 * which is gone: every hundred messages have another.
 */
export async function toRegistry({seed, count}) {
  const channel = new BroadcastChannel(CHANNEL);
  for (let i = 0; i < count; i += 100) {
    const {port} = new SharedWorker(`${ROOT}registry.js`, {name: CHANNEL});
    await new Promise((resolve) => (port.onmessage = resolve));
    await pour(100, generator(seed + i), (message, ports) => port.postMessage(message, ports));
    await pour(100, generator(seed + i + 1), (message) => channel.postMessage(message));
  }
  channel.close();
}

/** To a service worker; tells how many of them were its application's. */
export async function toWorker({seed, count, scope}) {
  const {active} = await navigator.serviceWorker.getRegistration(scope);
  let foreign = 0;
  await pour(count, generator(seed), (message, ports) => {
    if (typeof Object(message).navigatorConnect !== 'number') foreign++;
    active.postMessage(message, ports);
  });
  return foreign;
}

/** Posts one message that the worker's application answers. */
export async function ask({scope, message}) {
  const {active} = await navigator.serviceWorker.getRegistration(scope);
  const {port1, port2} = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({data}) => resolve(data)));
  active.postMessage({...message, protocol: PROTOCOL}, [port2]);
  return answer;
}
