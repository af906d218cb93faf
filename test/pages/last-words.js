/**
 * A client that posts in all events with which a page goes, its own listeners added `before` the loader or after it, over
 * a service port or a `native` one. It keeps which events there were, and in what order, under the name of its channel:
 * what it says may not arrive.
 */
const query = new URLSearchParams(location.search);
const channel = query.get('channel');
const report = (data) => fetch('/harness/post', {method: 'POST', body: JSON.stringify({channel, data})});
const said = [];
let port = {postMessage() {}};

function say(what) {
  port.postMessage(what);
  said.push(what);
  localStorage.setItem(channel, JSON.stringify(said));
}

function listen() {
  const types = query.get('types').split(' ');
  for (const type of types) {
    const target = ['visibilitychange', 'freeze'].includes(type) ? document : window;
    target.addEventListener(type, () => {
      if (type === 'visibilitychange' && document.visibilityState !== 'hidden') return;
      for (let n = 1; n <= Number(query.get('each')); n++) say(`${type} ${n}`);
    });
  }
}

/** Posts, and leaves in the same task, before anything can be confirmed. */
function go({url, count}) {
  for (let n = 1; n <= count; n++) say(`before ${n}`);
  location.assign(url);
}

async function start() {
  const script = document.createElement('script');
  script.src = query.get('loader');
  const loaded = new Promise((resolve) => (script.onload = resolve));
  document.head.append(script);
  await loaded;
  if (query.get('order') === 'after') listen();
  const {services} = navigator;
  if (query.get('port') === 'native') port = await navigator.connect(query.get('service'));
  else port = await services.connect(query.get('service'));
  services.addEventListener('close', () => localStorage.setItem(`${channel} closed`, 'here'));
  addEventListener('message', ({data}) => go(data));
  // The first answers that it is all there.
  port.postMessage('connected');
}

if (query.get('order') === 'before') listen();
addEventListener('pageshow', ({persisted}) => persisted && report('shown again'));
start().catch((error) => report(`failed: ${error}`));
