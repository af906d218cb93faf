/**
 * The module `bridge.mjs`: what windows need for their own origin, and few of them. The bridge to its services takes no
 * frame; service workers that are clients sleep.
 */
import {passToRegistry} from './custodian.js';
import {shown} from './document.js';
import {currentHousehold} from './household.js';
import {answerWorker} from './registrations.js';
import {requestSnapshot} from './registry-client.js';

export {Bridge} from './bridge.js';
export {announceWindow, careForStart} from './sleepers.js';

/**
 * Does what a service worker asks of this window.
 *
 * @param {any} request as it has come
 * @param {(port: MessagePort, context: string, kind: 'serviceworker', scope: string) => void} serveWorker
 */
export async function answer(request, serveWorker) {
  // Until then it can't open a bridge.
  await shown();
  await answerWorker(request, (port) => {
    const {what, context, scope} = request;
    if (what === 'courier') serveWorker(port, context, 'serviceworker', scope);
    else if (what === 'custodian') passToRegistry(port, currentHousehold().registry.ready);
  });
}

/** What the registry knows. */
export const snapshot = () => requestSnapshot(currentHousehold().registry);
