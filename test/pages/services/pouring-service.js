/**
 * A service of a hostile origin, without navigator-connect: it accepts by hand whoever connects, and pours out
 * generated messages on the data port, or on that for its answer: so many, from that seed on, which the URL says. A page
 * that asks is poured out on as well, by `Client.postMessage`, or on the ports on which it takes what is to go into
 * custody: one message on each.
 */
import {generator, pour} from '/generate.js';

addEventListener('message', (event) => {
  const {data, source, ports} = event;
  if (data?.type === 'connect') {
    const {count, seed, lasting, on} = Object.fromEntries(new URL(data.targetURL).searchParams);
    const [channel, answers] = ports;
    const context = crypto.randomUUID();
    // So that it counts as alive.
    navigator.locks.request(`navigator-connect/1/${context}`, () => new Promise(() => {}));
    const generated = generator(Number(seed), {lasting: lasting === 'yes'});
    const pourOn = (port) => pour(Number(count), generated, (message, ports) => port.postMessage(message, ports));
    const answer = async () => {
      if (on === 'answers') await pourOn(answers);
      answers.postMessage({type: 'received', context});
      channel.postMessage({type: 'hello', context});
      answers.postMessage({type: 'answered', accepted: true, name: '', fleeting: false});
      if (on !== 'answers') await pourOn(channel);
      channel.postMessage({type: 'close'});
    };
    event.waitUntil(answer());
  } else if (data?.pour) {
    const {count, seed, on} = data.pour;
    const taken = [];
    const post = {
      client: (message, ports) => source.postMessage(message, ports),
      custodian(message, ports) {
        const {port1, port2} = new MessageChannel();
        source.postMessage({navigatorConnect: 1, type: 'custodian'}, [port2]);
        const here = new Promise((resolve) => (port1.onmessage = resolve));
        taken.push(
          here.then(() => {
            port1.postMessage(message, ports);
            port1.close();
          }),
        );
      },
    };
    event.waitUntil(
      pour(count, generator(seed), post[on])
        .then(() => Promise.all(taken))
        .then(
          () => source.postMessage({poured: count}),
          (error) => source.postMessage({poured: count, error: `${error}`}),
        ),
    );
  }
});

addEventListener('install', () => self.skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
