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
    const {activated} = await import('../activated.js');
    const scope = '/services/obedient-client/';
    const worker = await activated(await navigator.serviceWorker.register(script, {scope}));
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
