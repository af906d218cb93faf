/**
 * The structured clone algorithm by hand: Node's makes objects of the main realm, and the product compares prototypes.
 * A message is cloned twice, into the host's realm when it is posted and into the receiver's when it arrives.
 */
import {types} from 'node:util';

/** On the prototypes of what can't be cloned. */
export const PLATFORM = Symbol('platform object');
/** On what can be posted and not be read in another context, as a WebAssembly.Module can. */
export const UNREADABLE = Symbol('unreadable');

export const VIEWS = [
  ...['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'],
  ...['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'DataView'],
];

/** On the prototype of DOMExceptions, whose names are data. */
export const DOM_EXCEPTION = Symbol('DOMException');

/** Of every realm. */
export const CLASSES = [
  'Object',
  'Array',
  'Date',
  'RegExp',
  'Map',
  'Set',
  'ArrayBuffer',
  'Error',
  'TypeError',
  'RangeError',
  ...VIEWS,
];

class Unreadable {}
Object.defineProperty(Unreadable.prototype, UNREADABLE, {value: true});

class Exception extends Error {
  constructor(message = '', name = 'Error') {
    super(message);
    this.name = name;
  }
}
Object.defineProperty(Exception.prototype, DOM_EXCEPTION, {value: true});

/** The host's own classes, as a realm has its. @type {Record<string, any>} */
export const HOST = {Unreadable, DOMException: Exception};
for (const name of CLASSES) HOST[name] = /** @type {any} */ (globalThis)[name];

/**
 * @param {any} value
 * @param {Record<string, any>} realm its classes
 * @param {(what: string) => never} fail throws the DataCloneError
 * @param {Map<any, any>} [memo] what each object becomes; of what is transferred, it is known before
 * @returns {any}
 */
export function clone(value, realm, fail, memo = new Map()) {
  if (typeof value === 'symbol') return fail('A symbol');
  if (typeof value === 'function') return fail('A function');
  if (value === null || typeof value !== 'object') return value;
  const known = memo.get(value);
  if (known) return known;
  if (types.isProxy(value)) return fail('A proxy');
  /** @param {any} copy */
  const keep = (copy) => (memo.set(value, copy), copy);
  /** @param {any} part */
  const inner = (part) => clone(part, realm, fail, memo);
  const copyProperties = (/** @type {any} */ copy) => {
    for (const key of Object.keys(value)) {
      const part = inner(value[key]);
      // A setter of the prototype's is not called.
      if (key === '__proto__')
        Object.defineProperty(copy, key, {value: part, enumerable: true, writable: true, configurable: true});
      else copy[key] = part;
    }
    return copy;
  };
  if (Array.isArray(value)) return copyProperties(keep(new realm.Array(value.length)));
  const prototype = Object.getPrototypeOf(value);
  // Plain objects, of whatever realm, are most of what comes.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return copyProperties(keep(new realm.Object()));
  if (value[UNREADABLE]) return keep(new realm.Unreadable());
  if (value[PLATFORM]) return fail('A platform object');
  if (types.isDate(value)) return keep(new realm.Date(Number(value)));
  if (types.isRegExp(value)) return keep(new realm.RegExp(value.source, value.flags));
  if (types.isMap(value)) {
    const copy = keep(new realm.Map());
    for (const [key, part] of [...value]) copy.set(inner(key), inner(part));
    return copy;
  }
  if (types.isSet(value)) {
    const copy = keep(new realm.Set());
    for (const part of [...value]) copy.add(inner(part));
    return copy;
  }
  if (types.isSharedArrayBuffer(value)) return keep(value);
  if (types.isAnyArrayBuffer(value)) {
    if (isDetached(value)) return fail('A detached buffer');
    const copy = keep(new realm.ArrayBuffer(value.byteLength));
    new Uint8Array(copy).set(new Uint8Array(value));
    return copy;
  }
  if (ArrayBuffer.isView(value)) {
    const name = types.isDataView(value)
      ? 'DataView'
      : VIEWS.find((name) => name === /** @type {any} */ (value)[Symbol.toStringTag]);
    const length = name === 'DataView' ? value.byteLength : /** @type {any} */ (value).length;
    return keep(new realm[/** @type {string} */ (name)](inner(value.buffer), value.byteOffset, length));
  }
  if (types.isNativeError(value)) {
    const error = /** @type {any} */ (value);
    if (error[DOM_EXCEPTION]) return keep(new realm.DOMException(error.message, error.name));
    return keep(new (realm[error.name] ?? realm.Error)(error.message));
  }
  if (['isPromise', 'isWeakMap', 'isWeakSet'].some((is) => types[is](value))) return fail('Such an object');
  return copyProperties(keep(new realm.Object()));
}

/** @param {any} buffer */
export function isDetached(buffer) {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** @param {any} buffer that has been transferred: it is empty from now on */
export const detach = (buffer) => void structuredClone(buffer, {transfer: [buffer]});
