/** How an origin names the worker of one of its services: in headers, or in a file. */

/**
 * What an origin says about the worker of one of its services.
 *
 * @typedef {object} Named
 * @property {URL} script
 * @property {URL} scope
 * @property {WorkerType} type
 */

/**
 * @param {string | URL} base
 * @param {string} script
 * @param {string | null} [scope] the script's directory by default
 * @param {string} [type]
 * @returns {Named}
 */
function named(base, script, scope, type) {
  if (typeof script !== 'string') throw new TypeError('the script is missing');
  const parsed = new URL(script, base);
  const scopeURL = new URL(scope ?? new URL('.', parsed), base);
  scopeURL.hash = '';
  return {script: parsed, scope: scopeURL, type: type === 'module' ? type : 'classic'};
}

/**
 * `Service-Worker-Script` and `-Scope`, or `Link: <script>; rel="serviceworker"; scope="…"`.
 *
 * @param {Headers} headers
 * @param {string} base the URL that they came from
 * @returns {Named | undefined}
 */
export function namedByHeaders(headers, base) {
  const script = headers.get('Service-Worker-Script');
  if (script) return named(base, script, headers.get('Service-Worker-Scope'));
  for (const {target, rel = '', scope, workertype} of links(headers.get('Link') ?? '')) {
    if (/(^|\s)serviceworker(\s|$)/i.test(rel)) return named(base, target, scope, workertype);
  }
}

/**
 * Reads a `Link` header (https://www.rfc-editor.org/rfc/rfc8288#section-3).
 *
 * @param {string} header
 * @returns {Array<Record<string, string>>} of each link, its parameters and its `target`
 */
function links(header) {
  const parameter = /;\s*([\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?\s*/g;
  return Array.from(
    header.matchAll(new RegExp(`<([^>]*)>\\s*((?:${parameter.source})*)`, 'g')),
    ([, target, parameters]) => {
      /** @type {Record<string, string>} */
      const link = {target};
      for (const [, name, quoted, token] of parameters.matchAll(parameter)) {
        // Of a repeated parameter, the first counts.
        link[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? token ?? '';
      }
      return link;
    },
  );
}

/**
 * `services.json` beside the bridge page, for origins that can't send headers:
 *
 *     {"services": [{"scope": "/services/echo/", "script": "/services/echo/sw.js", "type": "module"}]}
 *
 * URLs are relative to the file; `scope` is the script's directory by default, `type` is `"classic"`. Of the
 * scopes that cover the URL the longest counts, as among registrations.
 *
 * @param {any} file its content
 * @param {string} base its URL
 * @param {URL} url
 * @returns {Named | undefined}
 * @throws {TypeError} when it looks otherwise
 */
export const namedByServices = ({services}, base, url) =>
  services
    .map((/** @type {{script: string, scope?: string, type?: string}} */ {script, scope, type}) =>
      named(base, script, scope, type),
    )
    .filter((/** @type {Named} */ {scope}) => url.href.startsWith(scope.href))
    .sort((/** @type {Named} */ a, /** @type {Named} */ b) => b.scope.href.length - a.scope.href.length)[0];
