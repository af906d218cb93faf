// What the demo pages share: the origins that the server serves, and how they relate to this page.

/** All origins of the demo; this page's own comes along even when it was reached by another name. */
export async function origins() {
  const served = await (await fetch('/origins.json')).json();
  return served.includes(location.origin) ? served : [location.origin, ...served];
}

/** How browsers see `origin` from this page. Among the demo's hosts, the site is the host. */
export function relation(origin) {
  if (origin === location.origin) return 'same origin';
  return new URL(origin).hostname === location.hostname ? 'same site' : 'cross-site';
}

/** `http://localhost:8001` without what is the same in all of them, as nodes that can break before the port. */
export function shortName(origin) {
  if (origin === 'null') return [origin]; // A sandboxed page's.
  const {hostname, port} = new URL(origin);
  return port ? [hostname, document.createElement('wbr'), `:${port}`] : [hostname];
}

/** An element with properties and children: `element('a', {href: '/'}, 'home')`. */
export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
