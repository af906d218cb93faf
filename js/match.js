/** From a URL to an active service worker, at the service's own origin. */
import {bound} from './bound.js';
import {ACTIVATION, LOOK_AGAIN, SUCCESSOR_LOOKS} from './limits.js';
import {namedByHeaders, namedByServices} from './named-service.js';
import {listRegistrations} from './registrations.js';
import {ROOT} from './shape.js';
import {scriptURL} from './script-url.js';

/** @typedef {import('./named-service.js').Named} Named */
/** @typedef {ReturnType<typeof listRegistrations>} Listing */
/** @type {Listing | undefined} */
let running;
/** @type {Listing | undefined} */
let next;

/**
 * The registrations, as of now at least. Who asks while others wait for an earlier list gets the next one, with all who
 * do: for each, Firefox goes through all ports of the window.
 *
 * @returns {Listing}
 */
function listTogether() {
  const begin = () => {
    next = undefined;
    const listing = (running = listRegistrations());
    const done = () => {
      if (running === listing) running = undefined;
    };
    listing.then(done, done);
    return listing;
  };
  return running ? (next ??= running.then(begin, begin)) : begin();
}

/**
 * The registration whose scope covers `url`, the longest if there are several
 * (https://w3c.github.io/ServiceWorker/#scope-match-algorithm).
 *
 * @param {string} url none, or another origin's, has no registration
 * @returns {Promise<ServiceWorkerRegistration | undefined>}
 */
export async function matchRegistration(url) {
  const covering = (await listTogether()).filter(({scope}) => url.startsWith(scope));
  return covering.sort((a, b) => b.scope.length - a.scope.length)[0];
}

/**
 * The active worker of the registration whose scope covers `url`, waiting for one that is on its way. Where a
 * registration covers the URL, whoever made it, nothing is installed.
 *
 * @param {URL} url
 * @param {boolean} installWorker whether to install one where there is none
 * @returns {Promise<{worker: ServiceWorker, scope: string}>}
 * @throws {Error} that says why there is none
 */
export async function matchService(url, installWorker) {
  const registration = await matchRegistration(url.href);
  if (registration) return activeService(registration, url);
  if (installWorker) return activeService(await install(url), url);
  throw new Error(
    `no service worker is registered for ${url} here (a page of another site sees none but those it had installed):` +
      ' let the client pass installWorker',
  );
}

/**
 * The draft's "network header based installation".
 *
 * @param {URL} url
 * @returns {Promise<ServiceWorkerRegistration>}
 */
async function install(url) {
  const named = (await namedByAnswer(url)) ?? (await namedByFile(url));
  if (!named) {
    throw new Error(
      `nothing is installed for ${url}, and nothing names its service worker: answer it with the header` +
        ` Service-Worker-Script or Link, or list it in ${ROOT}services.json`,
    );
  }
  const {script, scope, type} = named;
  if (script.origin !== url.origin || scope.origin !== url.origin) {
    throw new Error(`the script ${script} and the scope ${scope} must be of ${url.origin}`);
  }
  if (!url.href.startsWith(scope.href)) throw new Error(`the scope ${scope} does not cover ${url}: name a wider one`);
  try {
    return await navigator.serviceWorker.register(scriptURL(script.href), {scope: scope.href, type});
  } catch (error) {
    throw new Error(
      `${script} could not be registered for ${scope}; it must load, as JavaScript, run, and lie above its scope` +
        ` (or be sent with Service-Worker-Allowed): ${error}`,
    );
  }
}

/**
 * @param {URL | string} url
 * @returns {Promise<Response | undefined>} undefined when the answer comes from elsewhere, or not at all
 */
const get = (url) =>
  fetch(url, {mode: 'same-origin', credentials: 'same-origin', cache: 'no-cache'}).catch(() => undefined);

/**
 * @param {URL} url any answer of its origin will do, a 404 too: a service needs no page
 * @returns {Promise<Named | undefined>}
 */
async function namedByAnswer(url) {
  const response = await get(url);
  if (!response) return undefined;
  response.body?.cancel();
  return namedByHeaders(response.headers, response.url);
}

/**
 * @param {URL} url
 * @returns {Promise<Named | undefined>}
 */
async function namedByFile(url) {
  const response = await get(`${ROOT}services.json`);
  if (!response?.ok) return undefined;
  try {
    return namedByServices(await response.json(), response.url, url);
  } catch (error) {
    throw new Error(`${response.url} must look like {"services": [{"scope": "/a/", "script": "/a/sw.js"}]}: ${error}`);
  }
}

/**
 * Waits for the worker on its way to be active; when it becomes redundant, for its successor.
 *
 * @param {ServiceWorkerRegistration} registration
 * @param {URL} url
 * @returns {Promise<{worker: ServiceWorker, scope: string}>}
 * @throws {Error} when none became active
 */
async function activeService(registration, url) {
  const end = new AbortController();
  const endBound = bound(ACTIVATION, () => end.abort());
  const service = await becomeActive(registration, url, end.signal).finally(endBound);
  if (service) return service;
  throw new Error(`no service worker became active for ${url}; its install event may have failed, or not ended`);
}

/**
 * @param {ServiceWorkerRegistration} registration
 * @param {URL} url
 * @param {AbortSignal} end
 * @returns {Promise<{worker: ServiceWorker, scope: string} | undefined>} nothing when there is none any more, or none is
 * active in the end
 */
async function becomeActive(registration, url, end) {
  const look = () => matchRegistration(url.href);
  const aMoment = () => new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  /** @type {ServiceWorkerRegistration | undefined} */
  let found = registration;
  while (found) {
    const {active, waiting, installing, scope} = found;
    const worker = [active, waiting, installing].find((worker) => worker && worker.state !== 'redundant');
    if (end.aborted) break;
    if (worker?.state === 'activated') return {worker, scope};
    if (worker) {
      await new Promise((resolve) => {
        end.addEventListener('abort', resolve);
        worker.addEventListener('statechange', resolve, {once: true});
      });
    } else {
      // While a first worker's script is loaded there is none. Should that fail, no event tells.
      await aMoment();
    }
    // Asked anew: what replaces a redundant worker may even be another registration, made after the first is cleared.
    found = await look();
    for (let looks = 0; !found && looks < SUCCESSOR_LOOKS; looks++) found = await aMoment().then(look);
  }
}
