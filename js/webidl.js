/**
 * The manners of Web IDL for plain classes: how interfaces look
 * (https://webidl.spec.whatwg.org/#javascript-binding) and how arguments are converted
 * (https://webidl.spec.whatwg.org/#js-type-mapping).
 */

/**
 * Gives a class the look of an interface: its name survives minification, its members are enumerable.
 *
 * @param {Function} constructor
 * @param {string} name
 * @param {number} [length] the arguments that its constructor requires
 */
export function describeInterface(constructor, name, length = 0) {
  const {prototype} = constructor;
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (key !== 'constructor') Object.defineProperty(prototype, key, {enumerable: true});
  }
  Object.defineProperty(prototype, Symbol.toStringTag, {value: name, configurable: true});
  Object.defineProperties(constructor, {name: {value: name}, length: {value: length}});
}

/**
 * Adds the members of `partial` to an interface. Its accessors get Web IDL's names, `get x`, from being written
 * in an object literal.
 *
 * @param {object} prototype
 * @param {object} partial
 */
export const includeMembers = (prototype, partial) =>
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(partial));

/** @typedef {{handler: object, listener: (event: Event) => void}} EventHandler */

/** @type {WeakMap<EventTarget, Record<string, EventHandler | undefined>>} */
const eventHandlers = new WeakMap();

/**
 * Lets the event handler attributes of its interface work on `target`.
 *
 * @param {EventTarget} target
 */
export const initEventHandlers = (target) => eventHandlers.set(target, {});

/**
 * @param {EventTarget} target
 * @returns {Record<string, EventHandler | undefined>}
 * @throws {TypeError} on a foreign receiver
 */
function handlersOf(target) {
  const handlers = eventHandlers.get(target);
  if (!handlers) throw new TypeError('Illegal invocation');
  return handlers;
}

/**
 * Adds the event handler IDL attribute `on<type>`
 * (https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-idl-attributes): its place in the order
 * of listeners is that of the assignment that followed the last null; an object that can't be called is kept,
 * and does nothing, with or without a `handleEvent`.
 *
 * @param {EventTarget} prototype
 * @param {string} type
 */
export function defineEventHandler(prototype, type) {
  const name = `on${type}`;
  includeMembers(prototype, {
    get [name]() {
      return handlersOf(/** @type {any} */ (this))[type]?.handler ?? null;
    },
    set [name](/** @type {any} */ handler) {
      /** @type {EventTarget} */
      const target = /** @type {any} */ (this);
      const handlers = handlersOf(target);
      let current = handlers[type];
      if (Object(handler) !== handler) {
        if (current) target.removeEventListener(type, current.listener);
        delete handlers[type];
      } else if (current) {
        current.handler = handler;
      } else {
        const created =
          (current =
          handlers[type] =
            {
              handler,
              listener: (event) => {
                if (typeof created.handler === 'function' && created.handler.call(target, event) === false)
                  event.preventDefault();
              },
            });
        target.addEventListener(type, current.listener);
      }
    },
  });
}

/** Passed by our own code to constructors that scripts may not call. */
export const INTERNAL = Symbol('internal');

/**
 * @param {unknown} token
 * @throws {TypeError} unless our own code calls
 */
export function requireInternal(token) {
  if (token !== INTERNAL) throw new TypeError('Illegal constructor');
}

/**
 * @param {ArrayLike<unknown>} args
 * @param {number} count
 * @throws {TypeError} when there are fewer arguments
 */
export function requireArguments(args, count = 1) {
  if (args.length < count) throw new TypeError(`${count} argument(s) required.`);
}

/**
 * To `DOMString`; a Symbol throws.
 *
 * @param {any} value
 * @returns {string}
 */
export const domString = (value) => `${value}`;

/**
 * To an interface type.
 *
 * @template T
 * @param {{prototype: T}} constructor
 * @param {keyof T} attribute one of the interface's: its getter knows the interface's objects, of every realm
 * @returns {(value: any) => T} throws a TypeError
 */
export const interfaceType = (constructor, attribute) => (value) => {
  // Reflect.get does not care when a primitive is the receiver, but getters do.
  Reflect.get(/** @type {any} */ (constructor.prototype), attribute, value);
  return value;
};

/** @param {any} value */
function requireObject(value) {
  if (Object(value) !== value) throw new TypeError('The value is not an object.');
}

/**
 * To a sequence.
 *
 * @param {any} value
 * @returns {any[]}
 */
export function sequence(value) {
  requireObject(value);
  return [...value];
}

/**
 * To a dictionary.
 *
 * @param {any} value
 * @param {Record<string, (value: any) => any>} members how to convert each, in lexicographical order
 * @returns {Record<string, any>}
 */
export function dictionary(value, members) {
  /** @type {any} */
  const result = {__proto__: null};
  value ??= result;
  requireObject(value);
  for (const [name, convert] of Object.entries(members)) {
    const member = value[name];
    if (member !== undefined) result[name] = convert(member);
  }
  return result;
}
