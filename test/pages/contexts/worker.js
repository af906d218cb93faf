/** A classic worker, dedicated or shared, that runs the cases; or that has a worker of its own run them. */
const {searchParams} = new URL(location.href);
const origin = {'same-origin': 'own', 'same-site': 'sameSite', 'cross-site': 'crossSite'}[searchParams.get('client')];
importScripts(`${searchParams.get(origin)}/.well-known/navigator-connect/navigator-connect.js`);

if (searchParams.get('kind') === 'nested-worker') {
  searchParams.set('kind', 'worker');
  self.nested = new Worker(`worker.js?${searchParams}`);
} else {
  import('./run.js').then(({begin}) => begin());
}
