/** How soon a service that was stopped answers, beside a worker without our code. */
import {assert, installed, installedAt, note, origins, stopServiceWorkers, test} from '../harness.js';

const {services} = navigator;

test(
  'the first answer after a stop',
  async () => {
    const port = await services.connect(await installed('reporting-service'));
    const ask = () => {
      const answer = new Promise((resolve) => services.addEventListener('message', resolve, {once: true}));
      port.postMessage({});
      return answer;
    };
    const bare = await navigator.serviceWorker.getRegistration(await installedAt(origins.own, 'bare-worker'));
    const askBare = () => {
      const {port1, port2} = new MessageChannel();
      const answer = new Promise((resolve) => (port1.onmessage = resolve));
      bare.active.postMessage('', [port2]);
      return answer;
    };
    const times = {ours: [], bare: []};
    await ask();
    for (let i = 0; i < 15; i++) {
      for (const [who, how] of [
        ['bare', askBare],
        ['ours', ask],
      ]) {
        await stopServiceWorkers();
        const begin = performance.now();
        await how();
        times[who].push(performance.now() - begin);
      }
    }
    const median = (all) => all.sort((a, b) => a - b)[7];
    const [ours, alone] = [median(times.ours), median(times.bare)];
    const all = JSON.stringify(times, (_, value) => (typeof value === 'number' ? Math.round(value) : value));
    await note(
      `first answer after a stop: median ${ours.toFixed(1)} ms, a bare worker's ${alone.toFixed(1)} ms; ${all}`,
    );
    // On a slow machine, where even a worker without our code takes long, only so much longer than that.
    assert.isAtMost(ours, Math.max(50, 5 * alone));
    port.close();
  },
  {seconds: 60},
);
