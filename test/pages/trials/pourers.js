/** What a page of the service's origin pours out, called by way of `frame.js`. */
import {CHANNEL, PROTOCOL, ROOT} from '/js/shape.js';
import {activated} from '../activated.js';
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
  const worker = await activated(await navigator.serviceWorker.getRegistration(scope));
  let foreign = 0;
  await pour(count, generator(seed), (message, ports) => {
    if (typeof Object(message).navigatorConnect !== 'number') foreign++;
    worker.postMessage(message, ports);
  });
  return foreign;
}

/** So many at a time at which each of them has a service worker ask all windows. */
const ASKED = 200;

/**
 * To a service worker, on the channel on which windows tell that they are there: at first it waits for none, then for
 * one that comes last. Tells what came of that.
 */
export async function toWaiting({seed, count, scope}) {
  const channel = new BroadcastChannel(`${CHANNEL}/windows`);
  const post = (message) => channel.postMessage(message);
  await pour(count, generator(seed), post);
  // This window is asked, and does not answer.
  const asked = new Promise((resolve) => (channel.onmessage = ({data}) => data?.type === 'ask' && resolve()));
  const outcome = ask({scope, message: {connect: scope}});
  // Or it has given up.
  await Promise.race([asked, outcome]);
  await pour(ASKED, generator(seed + 1), post);
  channel.close();
  const courier = document.createElement('iframe');
  courier.src = '/cases/policy-client.html';
  document.body.append(courier);
  try {
    return await outcome;
  } finally {
    courier.remove();
  }
}

/** Posts one message that the worker's application answers. */
export async function ask({scope, message}) {
  const worker = await activated(await navigator.serviceWorker.getRegistration(scope));
  const {port1, port2} = new MessageChannel();
  const answer = new Promise((resolve) => (port1.onmessage = ({data}) => resolve(data)));
  worker.postMessage({...message, protocol: PROTOCOL}, [port2]);
  return answer;
}
