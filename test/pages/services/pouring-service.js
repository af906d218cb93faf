/**
 * A service of a hostile origin, without navigator-connect: it accepts by hand whoever connects, and pours out
 * generated messages on the data port, or on that for its answer: so many, from that seed on, which the URL says. A page
 * that asks is poured out on as well, by `Client.postMessage`, on the channel on which windows are asked, or on the ports on
 * which one takes what is to go into custody: one message on each.
 */
import {generator, pour} from '/generate.js';

const windows = new BroadcastChannel('navigator-connect/1/windows');
const context = crypto.randomUUID();
// So that it counts as alive.
navigator.locks.request(`navigator-connect/1/${context}`, () => new Promise(() => {}));
/** What takes the ports of windows that answer, by what was asked. */
const asked = new Map();

addEventListener('message', (event) => {
  const {data, source, ports} = event;
  if (data?.type === 'connect') {
    const {count, seed, lasting, on} = Object.fromEntries(new URL(data.targetURL).searchParams);
    const [channel, answers] = ports;
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
  } else if (data?.type === 'asked') {
    asked.get(data.id)?.(ports[0]);
  } else if (data?.pour) {
    const {count, seed, on} = data.pour;
    const taken = [];
    const post = {
      client: (message, ports) => source.postMessage(message, ports),
      windows: (message) => windows.postMessage(message),
      custodian(message, ports) {
        const id = crypto.randomUUID();
        const here = new Promise((resolve) =>
          asked.set(id, (port) => {
            asked.delete(id);
            port.onmessage = () => resolve(port);
            port.postMessage({type: 'taken'});
          }),
        );
        windows.postMessage({type: 'ask', what: 'custodian', id, context, scope: registration.scope});
        taken.push(
          here.then((port) => {
            port.postMessage(message, ports);
            port.close();
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
