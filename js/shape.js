/** Names and checks that every message of ours shares. */

/** The version of the wire format; both sides must speak the same. */
export const PROTOCOL = 1;

/** Where `dist/` is deployed at a service's origin. */
export const ROOT = '/.well-known/navigator-connect/';

/** The broadcast channel, shared worker and lock prefix of one origin and storage partition. */
export const CHANNEL = `navigator-connect/${PROTOCOL}`;

/** Why a client's signal is aborted, if it is a service worker that will have no other start. */
export const GONE = true;

/**
 * Whether `value` is a message of `type` whose fields have the types `fields` names.
 * Every message from another context passes through here before it is used.
 *
 * @param {any} value
 * @param {string} type
 * @param {Record<string, 'string' | 'number' | 'boolean'>} [fields]
 * @returns {boolean}
 */
export const isMessage = (value, type, fields = {}) =>
  value?.type === type && Object.entries(fields).every(([name, kind]) => typeof value[name] === kind);

/**
 * @param {string} text
 * @returns {boolean} whether it is the serialization of an origin that has a host: a frame's source may begin with it
 */
export const isOrigin = (text) => {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
};

/**
 * @param {string} text
 * @returns {boolean} whether it is a UUID, as browsers write it
 */
export const isUUID = (text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);
