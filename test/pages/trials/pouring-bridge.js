/** A bridge page of a hostile origin: it pours out generated messages on every port it gets, and then fails. */
import {generator, pour} from '../generate.js';

const {count, seed} = Object.fromEntries(new URL(import.meta.url).searchParams);
let served = 0;

addEventListener('message', ({data, ports: [page]}) => {
  if (data?.type !== 'hello' || !page) return;
  page.onmessage = async ({data, ports: [control]}) => {
    if (data.type !== 'serve') return;
    // What ends the attempt comes early, or not before the end. That it was connected it is not told: then it would wait
    // for the service.
    const without = ['connected', ...(++served % 2 ? ['failed', 'lost'] : [])];
    for (const port of [page, control]) {
      const generated = generator(Number(seed) + served, {without});
      await pour(Number(count), generated, (message, ports) => port.postMessage(message, ports));
    }
    control.postMessage({type: 'failed'});
  };
  page.postMessage({type: 'ready', version: data.navigatorConnect});
});
