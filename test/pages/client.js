/**
 * A client of its own that tells a channel of the harness what happens to it, for globals of every kind: its URL
 * names the `service`, the `channel` and the `loader`. A classic script, for workers too.
 */
const query = new URLSearchParams(location.search);
const report = async (data, channel = query.get('channel')) => {
  // It arrives, and then the page may be left before the answer is there.
  await fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data})}).catch(() => {});
};

/** Holds the lock named as its channel as long as this global lives, connects, and waits for the port's end. */
async function beClient() {
  const {services} = navigator;
  const locked = () => new Promise((release) => self.addEventListener('pagehide', release));
  if (!query.has('unlocked')) {
    await new Promise((resolve) => navigator.locks.request(query.get('channel'), () => locked(resolve())));
  }
  services.addEventListener('close', ({source}) => report(source.targetURL, `${query.get('channel')} here`));
  if (query.has('attempt')) {
    const target = query.get('service');
    attempts = Promise.allSettled([services.connect(target), navigator.connect(target)]);
    await tellIfReloaded();
    return;
  }
  await services.connect(query.get('service'), {installWorker: query.has('install')});
  await report('connected');
  await tellIfReloaded();
}

/** What comes of those that the service leaves without an answer, where the page is to be left meanwhile. */
let attempts = Promise.resolve([]);

async function tellIfReloaded() {
  // No worker has an entry in every engine.
  const [navigation] = performance.getEntriesByType('navigation');
  if (navigation?.type === 'back_forward') await report({reloaded: JSON.stringify(navigation.notRestoredReasons)});
}

if ('importScripts' in self) {
  importScripts(query.get('loader'));
  if ('onconnect' in self) self.onconnect = ({ports: [port]}) => port.start();
  beClient().catch((error) => report({failed: `${error}`}));
} else {
  addEventListener('pageshow', async ({persisted}) => {
    if (!persisted) return;
    await report('shown again');
    const failed = (await attempts).map(({reason}) => reason?.name);
    await report(failed, `${query.get('channel')} attempts`);
  });
}
