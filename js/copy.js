/**
 * Copies of messages, kept until the other end has them. `structuredClone` is the measure, and what most
 * messages pass through; the two shapes that make up most traffic are copied faster.
 */
import {LIGHT, SPARE, WINDOW} from './limits.js';

/** @param {unknown} value */
export const isPrimitive = (value) => Object(value) !== value && typeof value !== 'symbol';

/**
 * @param {any} message
 * @returns {any} what `structuredClone(message)` gives
 * @throws {DOMException} `DataCloneError`
 */
export function copyMessage(message) {
  if (isPrimitive(message)) return message;
  if (isWhole(message)) {
    const {length} = message;
    const copy = spares[0]?.length === length ? /** @type {Uint8Array} */ (spares.pop()) : new Uint8Array(length);
    copy.set(message);
    return copy;
  }
  if (Object.getPrototypeOf(message) === Object.prototype) {
    /** @type {Record<string, unknown>} */
    const copy = {};
    for (const key of Object.keys(message)) {
      const value = message[key];
      if (!isPrimitive(value) || key === '__proto__') return structuredClone(message);
      copy[key] = value;
    }
    return copy;
  }
  return structuredClone(message);
}

/**
 * Whether these are the bytes of a whole buffer, which is neither resizable nor shared. A detached one has none.
 *
 * @param {any} bytes
 */
const isWhole = (bytes) =>
  Object.getPrototypeOf(Object(bytes)) === Uint8Array.prototype &&
  bytes.length > 0 &&
  bytes.length === bytes.buffer.byteLength &&
  bytes.buffer instanceof ArrayBuffer &&
  !(/** @type {any} */ (bytes.buffer).resizable);

/**
 * Copies of one size that are needed no more: a new buffer costs many times what it costs to fill one.
 *
 * @type {Uint8Array[]}
 */
const spares = [];

/** @type {ReturnType<typeof setTimeout> | 0} */
let dropping = 0;

/** @param {any} copy made by `copyMessage`, that nobody looks at any more */
export function recycle(copy) {
  if (!isWhole(copy)) return;
  if (spares[0]?.length !== copy.length) spares.length = 0;
  if (spares.length < WINDOW) spares.push(copy);
  dropping ||= setTimeout(() => (dropping = spares.length = 0), SPARE);
}

/**
 * Roughly what a message takes, for bounding what waits: its text and buffers, and something for every object.
 *
 * @param {any} copy made by `copyMessage`, so that reading it runs nothing of the application's
 * @returns {number} bytes
 */
export function sizeOf(copy) {
  if (isPrimitive(copy)) return sizeOfPrimitive(copy);
  let bytes = 0;
  // Grows while it is walked: what nests can be deep, shared and cyclic.
  const objects = new Set([copy]);
  for (const object of objects) {
    bytes += 64;
    if (object instanceof ArrayBuffer) bytes += object.byteLength;
    else if (object instanceof Blob) bytes += object.size;
    else {
      for (const part of partsOf(object)) {
        bytes += sizeOfPrimitive(part);
        if (!isPrimitive(part)) objects.add(part);
      }
    }
  }
  return bytes;
}

/**
 * Roughly what a message takes that is nothing but small plain objects and arrays: it can be read wherever it comes.
 *
 * @param {any} copy made by `copyMessage`
 * @param {number} [bound] what is larger, or cyclic, is not looked at further
 * @returns {number} bytes, or `bound` at least for any other message
 */
export function sizeOfPlain(copy, bound = LIGHT) {
  if (isPrimitive(copy)) return sizeOfPrimitive(copy);
  if (!Array.isArray(copy) && Object.getPrototypeOf(copy) !== Object.prototype) return bound;
  let bytes = 64;
  for (const part of Object.values(copy)) if (bytes < bound) bytes += sizeOfPlain(part, bound - bytes);
  return bytes;
}

/** @param {unknown} value */
const sizeOfPrimitive = (value) => (typeof value === 'string' ? 2 * value.length : 0) + 8;

/**
 * @param {object} object
 * @returns {Iterable<unknown>}
 */
export const partsOf = (object) => {
  if (object instanceof Set) return object;
  // All of what is viewed is copied.
  if (ArrayBuffer.isView(object)) return [object.buffer];
  // Arrays too, since they may be sparse.
  return object instanceof Map ? [...object].flat() : Object.values(object);
};
