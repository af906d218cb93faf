/** A client that connects, sees that it is answered, and says so; a page or a worker. */
const {loader, target} = Object.fromEntries(new URLSearchParams(location.search));

async function begin() {
  const {services} = navigator;
  services.onmessage = () => new BroadcastChannel('bench').postMessage({connected: target});
  (await services.connect(target)).postMessage('hello');
}

if (globalThis.document) {
  const script = document.createElement('script');
  script.src = loader;
  script.onload = begin;
  document.head.append(script);
} else {
  importScripts(loader);
  begin();
}
