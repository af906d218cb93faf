/** What `Navigator` and `WorkerNavigator` gain: `services`, and the earlier draft's `connect`. */
import {createNativePort} from './native-port.js';
import {requireArguments} from './webidl.js';
import {parseURL, services} from './services.js';
import {establish} from './connect.js';

export const members = {
  get services() {
    if (/** @type {unknown} */ (this) !== navigator) throw new TypeError('Illegal invocation');
    return services;
  },

  /**
   * @param {string} url
   * @returns {Promise<MessagePort>} native
   */
  async connect(url) {
    if (/** @type {unknown} */ (this) !== navigator) throw new TypeError('Illegal invocation');
    requireArguments(arguments);
    // Ends with this start of a service worker, unless its port is stashed.
    const made = {name: '', data: null, closing: true};
    return establish(parseURL(url), {installWorker: false}, made, (link) => createNativePort(link, made));
  },
};
