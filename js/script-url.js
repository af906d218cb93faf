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
  } catch {
    // Not allowed. It may not be needed either; if it is, what takes the URL throws, and its user says what is missing.
  }
  return policy?.createScriptURL(url) ?? url;
}
