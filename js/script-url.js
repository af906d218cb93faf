import {tellOnce} from './errors.js';

/** @type {{createScriptURL(url: string): any} | undefined} */
let policy;

/**
 * Lets a script be started under Trusted Types, which the Content-Security-Policy allows with
 * `trusted-types navigator-connect`. The policy itself stays here; its users make their URLs of nothing that another
 * origin says.
 *
 * @param {string} url of this origin's, or of where the loader is from
 * @returns {string} or a `TrustedScriptURL` that looks like one
 */
export function scriptURL(url) {
  try {
    policy ??= /** @type {any} */ (globalThis).trustedTypes?.createPolicy('navigator-connect', {
      createScriptURL: (/** @type {string} */ url) => url,
    });
  } catch (error) {
    tellOnce('warn', `the Content-Security-Policy should allow "trusted-types navigator-connect": ${error}`);
  }
  return policy?.createScriptURL(url) ?? url;
}
