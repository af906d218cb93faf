/**
 * A service of a hostile origin, without navigator-connect: it accepts by hand whoever connects, and pours out
 * generated messages on the data port; so many and from that seed on which the URL says. A page that asks is poured
 * out on as well, by `Client.postMessage`.
 */
import {generator, pour} from '/generate.js';

addEventListener('message', (event) => {
  const {data, source, ports} = event;
  if (data?.type === 'connect') {
    const {count, seed, lasting} = Object.fromEntries(new URL(data.targetURL).searchParams);
    const [channel, answers] = ports;
    const context = crypto.randomUUID();
    // So that it counts as alive.
    navigator.locks.request(`navigator-connect/1/${context}`, () => new Promise(() => {}));
    answers.postMessage({type: 'received', context});
    channel.postMessage({type: 'hello', context});
    answers.postMessage({type: 'answered', accepted: true, name: '', fleeting: false});
    event.waitUntil(
      pour(Number(count), generator(Number(seed), {lasting: lasting === 'yes'}), (message, ports) =>
        channel.postMessage(message, ports),
      ).then(() => channel.postMessage({type: 'close'})),
    );
  } else if (data?.pour) {
    const {count, seed} = data.pour;
    event.waitUntil(
      pour(count, generator(seed), (message, ports) => source.postMessage(message, ports)).then(
        () => source.postMessage({poured: count}),
        (error) => source.postMessage({poured: count, error: `${error}`}),
      ),
    );
  }
});

addEventListener('install', () => self.skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
