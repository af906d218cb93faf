import {ROOT} from './shape.js';
import {tellOnce} from './errors.js';
import {scriptURL} from './script-url.js';

/**
 * What only service workers need is no part of what pages load. It stands beside the loader, and is complete in
 * itself: parts of two versions, one of them cached, need not fit together.
 *
 * @throws {DOMException} `NetworkError` when it can't be loaded, so that no worker without it is installed
 */
export function importServiceWorker() {
  // In a worker nothing but a stack tells where a script is from. Under another name, or as part of another script, the
  // loader is a copy: then the rest is where this origin has deployed it.
  const [folder] = /https?:\S*\/(?=navigator-connect\.js)/.exec(`${new Error().stack}`) ?? [ROOT];
  const url = `${folder}navigator-connect-service-worker.js`;
  try {
    /** @type {any} */ (globalThis).importScripts(scriptURL(url));
  } catch (error) {
    tellOnce('error', `${url} did not load; deploy all of dist/. Modules import the .mjs.`);
    throw error;
  }
}
