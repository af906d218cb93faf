/** The bridge of this window's own origin. It needs no frame, but is no part of the loader: few windows need it. */
import {ROOT} from './shape.js';
import {tellOnce} from './errors.js';

/**
 * Whether this document may see its origin's registrations. Chromium's of `blob:` URLs, and those that `document.write`
 * fills, may not, and need a frame as for any other origin.
 */
export const seesRegistrations = async () => !!(await navigator.serviceWorker.getRegistrations().catch(() => {}));

/** @type {Promise<typeof import('./bridge-module.js')> | undefined} */
let bridge;
/** What once failed to load at a URL has failed there for the page's life (HTML, "fetch a single module script"). */
let again = '';

/**
 * `bridge.mjs` of the origin's deployment, wherever the loader itself is from.
 *
 * @returns {Promise<typeof import('./bridge-module.js')>}
 * @throws {TypeError} when it can't be loaded
 */
export function ownBridge() {
  // Documents of srcdoc have no other origin than this.
  const url = `${origin}${ROOT}bridge.mjs`;
  bridge ??= import(url + again).catch((error) => {
    bridge = undefined;
    again += '?';
    tellOnce('error', `${url} did not load; deploy all of dist/.`);
    throw error;
  });
  return bridge;
}

/**
 * Loads it ahead of time where a window is likely to need it: its origin deploys what it has the loader from.
 *
 * @param {string | undefined} loader
 */
export function expectOwnBridge(loader) {
  if (loader?.startsWith(`${location.origin}${ROOT}`)) ownBridge().catch(() => {});
}
