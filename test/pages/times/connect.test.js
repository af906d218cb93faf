/** How long connecting takes. Printed, not asserted: the machine is another one each time. */
import {facts, installed, note, stopServiceWorkers, test} from '../harness.js';

const WARM = 50;

const timed = async (act) => {
  const start = performance.now();
  const value = await act();
  return {value, time: performance.now() - start};
};

test(
  'connecting, cold and warm',
  async () => {
    const scope = await installed('echo-service');
    if (facts.engine === 'chromium') await stopServiceWorkers();
    const connect = () => timed(() => navigator.services.connect(scope));
    const cold = await connect();
    const warm = [];
    while (warm.length < WARM) {
      const {value, time} = await connect();
      value.close();
      warm.push(time);
    }
    warm.sort((a, b) => a - b);
    await note(
      `connect, ${facts.engine}, ${facts.client}: cold ${cold.time.toFixed(1)} ms, warm ${warm[WARM / 2].toFixed(1)} ms` +
        ` (the median of ${WARM}; ${warm[0].toFixed(1)} to ${warm[WARM - 1].toFixed(1)})`,
    );
  },
  {fresh: true},
);
