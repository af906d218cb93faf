/** Registrations of this origin, by scope, and what windows tell their workers. */
import {TAKE_OVER} from './limits.js';
import {isGone} from './context.js';
import {PROTOCOL, isMessage} from './shape.js';

/**
 * This origin's registrations, as they were looked for last. Firefox can empty a registration's object, for a minute,
 * when one before it is collected, and there is no worker to be told then; so none is.
 *
 * @type {readonly ServiceWorkerRegistration[]}
 */
let held = [];

/** Chromium may not find for a long time what was registered while it looked for something else; it lists it. */
export const listRegistrations = async () => (held = await navigator.serviceWorker.getRegistrations());

/**
 * @param {string} scope
 * @returns {Promise<ServiceWorkerRegistration | undefined>} the registration of exactly this scope
 */
export const registrationOf = async (scope) =>
  (await listRegistrations()).find((registration) => registration.scope === scope);

/**
 * Keeps a worker awake for traffic, and for what may be over soon. A new version waits until the worker has been idle:
 * under traffic that would be never. Nor while one is being installed: an event for a worker that is just stopping has
 * Chromium start it once more, before the one that waits. Links outlive the change.
 *
 * @param {string} scope
 */
export async function keepAwake(scope) {
  const registration = await registrationOf(scope);
  if (registration?.waiting || registration?.installing) return;
  // At once: after another look there may be one.
  registration?.active?.postMessage({navigatorConnect: PROTOCOL, type: 'wake'});
}

/**
 * Gives the active worker of a registration an event, which starts it, or keeps it awake for another 30 s.
 *
 * @param {string} scope
 * @param {string} type
 * @param {object} [fields]
 * @param {Transferable[]} [transfer]
 * @returns {Promise<boolean>} whether the registration is there
 */
export async function tellWorker(scope, type, fields = {}, transfer = []) {
  const registration = await registrationOf(scope);
  registration?.active?.postMessage({navigatorConnect: PROTOCOL, type, ...fields}, transfer);
  return registration !== undefined;
}

/**
 * The same without looking first whether the registration is there, if it was: right after a worker has stopped, Chromium
 * takes up to 30 ms to list registrations. Where it is gone by now, nobody is told, or one that is about to end.
 *
 * @type {typeof tellWorker}
 */
export async function tellKnownWorker(scope, type, fields, transfer) {
  const worker = held.find((registration) => registration.scope === scope)?.active;
  if (worker?.state !== 'activated') return tellWorker(scope, type, fields, transfer);
  worker.postMessage({navigatorConnect: PROTOCOL, type, ...fields}, transfer ?? []);
  return (await registrationOf(scope)) !== undefined;
}

/**
 * Answers a service worker that asks its windows. Which version it is, none of its own can say where a window sees it
 * change a moment later; the others take no notice.
 *
 * @param {any} request as it has come
 * @param {(port: MessagePort) => void} serve called with a port to it
 */
export async function answerWorker(request, serve) {
  if (!isMessage(request, 'ask', {id: 'string', context: 'string', scope: 'string'})) return;
  const {id, context, scope} = request;
  // Of a registration that has been removed, the worker lives on while it controls pages.
  const registration = await registrationOf(scope);
  const workers = registration
    ? [registration.installing, registration.waiting, registration.active]
    : [navigator.serviceWorker.controller];
  // None of them is to be started that has ended meanwhile.
  if (await isGone(context)) return;
  for (const worker of workers) {
    if (!worker) continue;
    const {port1, port2} = new MessageChannel();
    worker.postMessage({navigatorConnect: PROTOCOL, type: 'asked', id}, [port2]);
    // It says that it has it, and no more until it is served.
    port1.onmessage = () => serve(port1);
  }
}

/**
 * Resolves when no new version is about to take the registration over. That happens in the moment in which the active
 * worker has ended. Clients who hear of that wake it, and Chromium would put the update off until it ends again.
 *
 * @param {string} scope
 * @param {AbortSignal} [signal] nobody wants to wake it any more
 * @returns {Promise<void>}
 */
export async function takenOver(scope, signal) {
  const waiting = (await registrationOf(scope))?.waiting;
  if (!waiting || signal?.aborted) return;
  await new Promise((resolve) => {
    // One that waits for pages to be closed stays as it is.
    const timer = setTimeout(resolve, TAKE_OVER);
    const done = () => resolve(clearTimeout(timer));
    waiting.addEventListener('statechange', done, {once: true});
    signal?.addEventListener('abort', done, {once: true});
  });
}
