import {tellOnce} from './errors.js';

/** @type {{createScriptURL(url: string): any} | undefined} */
let policy;

/**
 * Lets a script of this origin be started under Trusted Types, which the page's Content-Security-Policy allows
 * with `trusted-types navigator-connect`.
 *
 * @param {string} url
 * @returns {string} or a `TrustedScriptURL` that looks like one
 */
export function scriptURL(url) {
  try {
    policy ??= /** @type {any} */ (globalThis).trustedTypes?.createPolicy('navigator-connect', {
      createScriptURL(/** @type {string} */ url) {
        if (new URL(url, location.origin).origin === location.origin) return url;
        throw new TypeError(`${url} is of another origin.`);
      },
    });
  } catch (error) {
    tellOnce('warn', `this page's Content-Security-Policy should allow "trusted-types navigator-connect": ${error}`);
  }
  return policy?.createScriptURL(url) ?? url;
}
