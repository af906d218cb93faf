/**
 * Copies of messages, kept until the other end has them. `structuredClone` is the measure, and what most
 * messages pass through; the two shapes that make up most traffic are copied faster.
 */
import {MAX_SPARE_BYTES} from './limits.js';

/** @param {unknown} value */
export const isPrimitive = (value) =>
  (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol') || value === null;

/**
 * @param {any} message
 * @returns {{message: any, size: number}} what `structuredClone(message)` gives, and `sizeOf` that
 * @throws {DOMException} `DataCloneError`
 */
export function copyMessage(message) {
  if (isPrimitive(message)) return {message, size: sizeOfPrimitive(message)};
  const prototype = Object.getPrototypeOf(message);
  if (prototype === Object.prototype) {
    /** @type {Record<string, unknown>} */
    const copy = {};
    let size = OBJECT;
    for (const key of Object.keys(message)) {
      const value = message[key];
      if (!isPrimitive(value) || key === '__proto__') return cloneMessage(message);
      copy[key] = value;
      size += sizeOfPrimitive(value);
    }
    return {message: copy, size};
  }
  if (
    prototype === Uint8Array.prototype &&
    message.byteLength === message.buffer.byteLength &&
    message.buffer instanceof ArrayBuffer &&
    !message.buffer.resizable
  ) {
    const {byteLength} = message;
    const copy = takeBuffer(byteLength);
    copy.set(message);
    return {message: copy, size: OBJECT + byteLength};
  }
  return cloneMessage(message);
}

/** @param {any} message */
function cloneMessage(message) {
  const copy = structuredClone(message);
  return {message: copy, size: sizeOf(copy)};
}

/** What every object counts. */
const OBJECT = 64;

/**
 * Copies that are needed no more: a new buffer costs many times what it costs to fill one. The next one tells which
 * size is in demand, so those of another go.
 *
 * @type {Uint8Array[]}
 */
const spares = [];
let spareBytes = 0;

/** @param {number} byteLength */
function takeBuffer(byteLength) {
  const spare = spares.pop();
  spareBytes -= spare?.byteLength ?? 0;
  return spare?.byteLength === byteLength ? spare : new Uint8Array(byteLength);
}

/** @param {any} copy made by `copyMessage`, that nobody looks at any more */
export function recycle(copy) {
  if (!(copy instanceof Uint8Array) || copy.byteLength !== copy.buffer.byteLength) return;
  if (spareBytes + copy.byteLength > MAX_SPARE_BYTES) return;
  spares.push(copy);
  spareBytes += copy.byteLength;
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
    bytes += OBJECT;
    if (ArrayBuffer.isView(object) || object instanceof ArrayBuffer) bytes += object.byteLength;
    else if (object instanceof Blob) bytes += object.size;
    else {
      for (const part of partsOf(object)) {
        if (isPrimitive(part)) bytes += sizeOfPrimitive(part);
        else objects.add(part);
      }
    }
  }
  return bytes;
}

/** @param {unknown} value */
const sizeOfPrimitive = (value) => (typeof value === 'string' ? 2 * value.length : 8);

/**
 * @param {object} object
 * @returns {Iterable<unknown>}
 */
export const partsOf = (object) => {
  if (object instanceof Set) return object;
  // Arrays too, since they may be sparse.
  return object instanceof Map ? [...object].flat() : Object.values(object);
};
