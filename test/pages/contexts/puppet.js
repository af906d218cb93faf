/**
 * A page that passes the orders it takes from the channel `orders` on to workers of the kinds they name. It has the
 * loader if its URL names one.
 */
const query = new URLSearchParams(location.search);
const script = '/services/obedient-client.js';

const workers = {
  worker() {
    const worker = new Worker(script);
    return (order) => worker.postMessage(order);
  },
  sharedworker() {
    const {port} = new SharedWorker(script);
    // Where the loader listens, if it is here.
    port.start();
    return (order) => port.postMessage(order);
  },
  async serviceworker() {
    await navigator.serviceWorker.register(script, {scope: '/services/obedient-client/'});
    const {installing, active} = await navigator.serviceWorker.getRegistration('/services/obedient-client/');
    const worker = installing ?? active;
    while (worker.state !== 'activated') {
      await new Promise((resolve) => worker.addEventListener('statechange', resolve, {once: true}));
    }
    return (order) => worker.postMessage(order);
  },
};

async function main() {
  const {ask, loadScript} = await import('../harness.js');
  if (query.has('loader')) await loadScript(query.get('loader'));
  const running = {};
  for (;;) {
    const {kind, ...order} = await ask('take', {channel: query.get('orders')});
    running[kind] ??= workers[kind]();
    (await running[kind])(order);
  }
}

main();
