/** A worker without the loader that pours generated messages out: on its page, or on the courier it asks for. */
import {generator, pour} from '../generate.js';

addEventListener('message', async ({data: {seed, count, to}}) => {
  const generated = generator(seed);
  if (to === 'page') {
    await pour(count, generated, (message, ports) => postMessage(message, ports));
  } else {
    const {port1, port2} = new MessageChannel();
    const context = crypto.randomUUID();
    // So that it counts as alive.
    await new Promise((resolve) =>
      navigator.locks.request(`navigator-connect/1/${context}`, () => {
        resolve();
        return new Promise(() => {});
      }),
    );
    const here = new Promise((resolve) => (port1.onmessage = resolve));
    postMessage({navigatorConnect: 1, type: 'courier', kind: 'worker', context, scope: ''}, [port2]);
    await here;
    await pour(count, generated, (message, ports) => port1.postMessage(message, ports));
  }
  postMessage({poured: count});
});
