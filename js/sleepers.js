/**
 * What a window does for clients that are service workers of its origin, beyond being their courier: the browser stops
 * them, and their connections live on. No part of the loader: few windows have such clients.
 */
import {gone, isGone} from './context.js';
import {keepAwake, listRegistrations, registrationOf, tellWorker} from './registrations.js';
import {GONE} from './shape.js';
import {dropPort, hasUnsent, loadClientEnds} from './store.js';

/**
 * One start of such a client, as its courier serves it, which is in another bundle: what passes between the two has names
 * that no minifier changes.
 *
 * @typedef {object} Start
 * @property {string} scope
 * @property {AbortController} end ends serving it, and its bridges
 * @property {(origin: string) => void} letGo lets its bridge to an origin go, and all of it with the last
 */

/**
 * What differs where a client may come back.
 *
 * @typedef {object} Care
 * @property {import('./courier.js').OnNeed} needed a service has need of it
 * @property {() => void} ended its lock has fallen free
 * @property {(origin: string) => void} bridged it has a bridge to such an origin, here or in another window
 */

/**
 * Takes up the connection and closes it.
 *
 * @typedef {(origin: string, targetURL: string, connection: string, onrelease: () => void) => void} CloseFor
 */

/** Those starts that have ended, and whose bridges serve on. @type {Set<Start>} */
const sleepers = new Set();

/**
 * A service worker may be stopped and live on: each bridge of its serves until its next start, or another version's,
 * beside which it may live, has one to the same origin.
 *
 * @param {Start} start
 * @param {CloseFor} closeFor
 * @returns {Promise<Care>}
 */
export async function careForStart(start, closeFor) {
  const {scope, end} = start;
  // Before, an earlier start may end as well, and nobody would keep the connections. By the time that a free lock is
  // granted, we have heard of those that have ended.
  await gone('');
  const registered = registrationOf(scope);
  // Another in its place knows nothing of these connections.
  const isThere = async () => (await listRegistrations()).includes(/** @type {any} */ (await registered));
  const wake = async () => {
    if (!(await isThere()) && sleepers.has(start)) end.abort(GONE);
    announceTo(scope, closeFor);
  };
  const ongone = async () => {
    sleepers.add(start);
    // It may end a moment after its worker.
    (await registered)?.active?.addEventListener('statechange', ongone, {signal: end.signal});
    // Asked first: a database that is being cleared may never answer.
    if (!(await isThere())) return void wake();
    // What is to end with this start of it, the next one closes; what it has kept, the next one posts.
    const ends = await loadClientEnds(scope);
    const awaited = await Promise.all(ends.map(({closing, id}) => closing || hasUnsent(id).catch(() => true)));
    if (awaited.includes(true)) wake();
  };
  end.signal.addEventListener('abort', () => sleepers.delete(start));
  return {
    needed: (traffic) => void (traffic ? keepAwake(scope) : wake()),
    ended: ongone,
    bridged: (origin) => {
      for (const sleeper of sleepers) if (sleeper !== start && sleeper.scope === scope) sleeper.letGo(origin);
    },
  };
}

/**
 * Tells those that sleep on a connection they made that here is a window.
 *
 * @param {CloseFor} closeFor
 */
export async function announceWindow(closeFor) {
  for (const scope of new Set((await loadClientEnds()).map(({scope}) => scope))) announceTo(scope, closeFor);
}

/**
 * Tells a service worker that here is a window. If its registration is gone, its connections are: this window takes
 * them up, to close them in its stead; but not those of a worker that lives on since it controls a page.
 *
 * @param {string} scope
 * @param {CloseFor} closeFor
 */
async function announceTo(scope, closeFor) {
  if (await tellWorker(scope, 'window')) return;
  for (const {id, origin, targetURL, connection, maker = ''} of await loadClientEnds(scope)) {
    if (await isGone(maker)) closeFor(origin, targetURL, connection, () => void dropPort(id));
  }
}
