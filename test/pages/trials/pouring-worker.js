/**
 * A worker, dedicated or shared, without the loader that pours generated messages out: on its page, or on the courier it
 * asks for.
 */
import {Context} from '/js/context.js';
import {generator, pour} from '../generate.js';

/** Whoever is on the other side. */
const serve = (target) =>
  target.addEventListener('message', async ({data: {seed, count, to}}) => {
    const generated = generator(seed);
    if (to === 'page') {
      await pour(count, generated, (message, ports) => target.postMessage(message, ports));
    } else {
      const {port1, port2} = new MessageChannel();
      const {id: context, lockHeld} = new Context();
      await lockHeld;
      const here = new Promise((resolve) => (port1.onmessage = resolve));
      target.postMessage({navigatorConnect: 1, type: 'courier', kind: 'worker', context}, [port2]);
      await here;
      await pour(count, generated, (message, ports) => port1.postMessage(message, ports));
    }
    target.postMessage({poured: count});
  });

if ('onconnect' in self) {
  addEventListener('connect', ({ports: [port]}) => {
    serve(port);
    port.start();
  });
} else {
  serve(self);
}
