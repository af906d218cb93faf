/**
 * Holds a global to an IDL, by the rules of https://webidl.spec.whatwg.org/#javascript-binding. A classic script
 * without dependencies, so that a service worker can run it on an IDL that a page has parsed.
 */
self.checkIDL = async (definitions, instances) => {
  const workers = ['DedicatedWorker', 'SharedWorker', 'ServiceWorker'];
  const scope = 'Window' in self ? ['Window'] : ['Worker', ...workers.filter((name) => `${name}GlobalScope` in self)];
  const failures = [];
  let checks = 0;

  /** Notes a failure unless `holds`, which may also be a promise or a function. */
  const check = async (what, holds) => {
    checks++;
    try {
      if (await (typeof holds === 'function' ? holds() : holds)) return;
      failures.push(what);
    } catch (error) {
      failures.push(`${what}: ${error}`);
    }
  };
  const throwsTypeError = (what, act) =>
    check(`${what} throws a TypeError`, () => {
      try {
        act();
        return false;
      } catch (error) {
        return error instanceof TypeError;
      }
    });
  const rejectsWith = (what, act, expected) =>
    check(`${what} rejects, and does not throw`, () => {
      const promise = act();
      return (
        promise instanceof Promise &&
        promise.then(
          () => false,
          (error) => expected(error),
        )
      );
    });
  const isTypeError = (error) => error instanceof TypeError;
  const fails = (operation, what, act) =>
    operation.idlType?.generic === 'Promise' ? rejectsWith(what, act, isTypeError) : throwsTypeError(what, act);

  const isExposed = ({extAttrs}) => {
    const exposed = extAttrs.find(({name}) => name === 'Exposed');
    return !exposed || [exposed.rhs.value].flat().some((entry) => scope.includes(entry.value ?? entry));
  };
  const hasAttribute = ({extAttrs}, name) => extAttrs.some((attribute) => attribute.name === name);
  const requiredOf = (args) => args.filter(({optional, variadic}) => !optional && !variadic).length;
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  const sameDescriptor = (object, key, expected) => {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    return (
      descriptor !== undefined &&
      Object.entries(expected).every(([field, value]) => Object.is(descriptor[field], value))
    );
  };

  /** Receivers that an interface's members must refuse. */
  const foreign = (prototype) => [{}, prototype, Object.create(prototype), null, 1, new EventTarget(), Symbol()];

  const checkAttribute = async (owner, prototype, attribute, instance) => {
    const {name, readonly} = attribute;
    const what = `${owner}.${name}`;
    await check(
      `${what} is an enumerable accessor`,
      sameDescriptor(prototype, name, {enumerable: true, configurable: true}),
    );
    const {get, set} = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    await check(`${what}'s getter has its name and length`, () => get.name === `get ${name}` && get.length === 0);
    await check(`${what}'s setter`, () =>
      readonly ? set === undefined : set.name === `set ${name}` && set.length === 1,
    );
    for (const receiver of foreign(prototype)) {
      await throwsTypeError(`${what} read from ${typeof receiver} ${Object.prototype.toString.call(receiver)}`, () =>
        get.call(receiver),
      );
      if (!readonly) await throwsTypeError(`${what} set on ${typeof receiver}`, () => set.call(receiver, null));
    }
    if (!instance) return;
    const value = instance[name];
    const type = attribute.idlType.idlType;
    if (type === 'DOMString') await check(`${what} is a string`, typeof value === 'string');
    else if (type.endsWith('double')) await check(`${what} is a number`, typeof value === 'number');
    else if (byName.has(type)) await check(`${what} is a ${type}`, value === null || value instanceof self[type]);
    if (hasAttribute(attribute, 'SameObject')) await check(`${what} is always the same`, instance[name] === value);
    if (type === 'EventHandler') await checkEventHandler(what, instance, name);
  };

  const checkEventHandler = async (what, target, name) => {
    const type = name.slice('on'.length);
    const before = target[name];
    const log = [];
    const note = (text) => () => void log.push(text);
    await check(`${what} is null at first`, before === null);
    for (const nothing of [1, 'text', true, undefined, Symbol()]) {
      target[name] = nothing;
      await check(`${what} turns ${typeof nothing} into null`, target[name] === null);
    }
    const fire = () => {
      log.length = 0;
      const event = new Event(type, {cancelable: true});
      target.dispatchEvent(event);
      return event;
    };
    const object = {handleEvent: note('handleEvent')};
    const cleanUp = new AbortController();
    const {signal} = cleanUp;
    target[name] = object;
    target.addEventListener(type, note('second'), {signal});
    await check(`${what} keeps an object`, target[name] === object);
    fire();
    await check(`${what} does not call an object`, log.join() === 'second');
    target[name] = note('first');
    fire();
    await check(`${what} keeps its place when replaced`, log.join() === 'first,second');
    target[name] = null;
    fire();
    await check(`${what} can be taken away`, log.join() === 'second');
    target[name] = note('again');
    fire();
    await check(`${what} goes to the end after null`, log.join() === 'second,again');
    let receiver;
    let argument;
    target[name] = function (event) {
      receiver = this;
      argument = event;
      return false;
    };
    const event = fire();
    await check(`${what} is called on its target with the event`, receiver === target && argument === event);
    await check(`${what} cancels by returning false`, event.defaultPrevented);
    target[name] = before;
    cleanUp.abort();
  };

  /** The members of a dictionary in the order of their conversion. */
  const dictionaryMembers = (name) => {
    const dictionary = byName.get(name);
    if (!dictionary) return [];
    const own = [...dictionary.members].sort((a, b) => (a.name < b.name ? -1 : 1));
    return [...dictionaryMembers(dictionary.inheritance), ...own];
  };

  /** `call` takes one dictionary, which it converts; it must not get as far as to act on it. */
  const checkDictionary = async (operation, what, name, call) => {
    const members = dictionaryMembers(name);
    for (const value of [1, 'text', true, Symbol()])
      await fails(operation, `${what} with a ${typeof value}`, () => call(value));
    const read = [];
    const own = new Set(members.map((member) => member.name));
    const last = members.at(-1).name;
    const thrown = new Error('thrown by a getter');
    const observed = new Proxy(
      {},
      {
        get(_, key) {
          if (own.has(key)) read.push(key);
          if (key === last) throw thrown;
        },
      },
    );
    const same = (error) => error === thrown;
    if (operation.idlType?.generic === 'Promise') {
      await rejectsWith(`${what} with a throwing getter`, () => call(observed), same);
    } else {
      await check(`${what} passes on what a getter throws`, () => {
        try {
          call(observed);
          return false;
        } catch (error) {
          return same(error);
        }
      });
    }
    const order = members.map((member) => member.name).join();
    await check(`${what} reads ${order} in this order, not ${read}`, read.join() === order);
    for (const {name: member, idlType} of members) {
      const type = idlType.idlType;
      // Nothing is converted after the wrong value.
      if (type === 'DOMString') {
        await fails(operation, `${what} with a Symbol as ${member}`, () => call({[member]: Symbol()}));
      } else if (type !== 'any' && type !== 'boolean') {
        for (const wrong of [{}, null, 1, 'text', self[type].prototype, Object.create(self[type].prototype)]) {
          await fails(operation, `${what} with no ${type} as ${member}`, () => call({[member]: wrong}));
        }
      }
    }
  };

  const checkArguments = async (operation, what, call) => {
    const args = operation.arguments;
    const samples = args.map(({idlType}) => (idlType.idlType === 'DOMString' ? 'sample' : null));
    for (let count = 0; count < requiredOf(args); count++) {
      await fails(operation, `${what} with ${count} arguments`, () => call(...samples.slice(0, count)));
    }
    for (const [index, {idlType}] of args.entries()) {
      const type = idlType.idlType;
      const before = samples.slice(0, index);
      if (type === 'DOMString') {
        await fails(operation, `${what} with a Symbol`, () => call(...before, Symbol()));
      } else if (byName.get(type)?.type === 'dictionary') {
        await checkDictionary(operation, what, type, (value) => call(...before, value));
      } else if (idlType.generic === 'sequence') {
        for (const wrong of [
          1,
          'text',
          {[Symbol.iterator]: 1},
          [1],
          {transfer: 1},
          {transfer: {length: 0}},
          {transfer: ''},
        ]) {
          await fails(operation, `${what} with ${JSON.stringify(wrong)} as ${args[index].name}`, () =>
            call(...before, wrong),
          );
        }
      }
    }
  };

  const checkOperation = async (owner, prototype, operations, instance) => {
    const {name} = operations[0];
    const what = `${owner}.${name}()`;
    await check(
      `${what} is an enumerable method`,
      sameDescriptor(prototype, name, {enumerable: true, configurable: true, writable: true}),
    );
    const method = prototype[name];
    const length = Math.min(...operations.map((operation) => requiredOf(operation.arguments)));
    await check(`${what} is a function`, typeof method === 'function' && !Object.hasOwn(method, 'prototype'));
    await check(`${what} has the name and the length ${length}`, method?.name === name && method.length === length);
    for (const operation of operations) {
      for (const receiver of foreign(prototype)) {
        await fails(operation, `${what} on ${typeof receiver}`, () => method.call(receiver, 'sample'));
      }
      if (instance) await checkArguments(operation, what, (...args) => instance[name](...args));
    }
  };

  const checkMembers = async (owner, prototype, members, instance) => {
    const operations = Map.groupBy(
      members.filter(({type}) => type === 'operation'),
      ({name}) => name,
    );
    for (const attribute of members.filter(({type}) => type === 'attribute')) {
      await checkAttribute(owner, prototype, attribute, instance);
    }
    for (const overloads of operations.values()) await checkOperation(owner, prototype, overloads, instance);
  };

  const checkInterface = async (definition) => {
    const {name, inheritance, members} = definition;
    await check(
      `${name} is a property of the global`,
      sameDescriptor(self, name, {enumerable: false, configurable: true, writable: true}),
    );
    const Interface = self[name];
    if (typeof Interface !== 'function') return;
    const {prototype} = Interface;
    const construct = members.find(({type}) => type === 'constructor');
    const parent = inheritance ? self[inheritance] : Function.prototype;
    await check(
      `${name}.name`,
      sameDescriptor(Interface, 'name', {value: name, writable: false, enumerable: false, configurable: true}),
    );
    const length = construct ? requiredOf(construct.arguments) : 0;
    await check(
      `${name}.length`,
      sameDescriptor(Interface, 'length', {value: length, writable: false, enumerable: false, configurable: true}),
    );
    await check(`${name} inherits`, Object.getPrototypeOf(Interface) === parent);
    await check(
      `${name}.prototype inherits`,
      Object.getPrototypeOf(prototype) === (inheritance ? parent.prototype : Object.prototype),
    );
    await check(
      `${name}.prototype`,
      sameDescriptor(Interface, 'prototype', {writable: false, enumerable: false, configurable: false}),
    );
    await check(`${name} has nothing else`, Reflect.ownKeys(Interface).sort().join() === 'length,name,prototype');
    await check(
      `${name}.prototype.constructor`,
      sameDescriptor(prototype, 'constructor', {
        value: Interface,
        writable: true,
        enumerable: false,
        configurable: true,
      }),
    );
    await check(
      `${name}'s tag`,
      sameDescriptor(prototype, Symbol.toStringTag, {
        value: name,
        writable: false,
        enumerable: false,
        configurable: true,
      }),
    );
    const exposed = members.filter((member) => member.type !== 'constructor' && isExposed(member));
    const expected = [...new Set(exposed.map((member) => member.name)), 'constructor'].sort().join();
    const actual = Object.getOwnPropertyNames(prototype).sort().join();
    await check(`${name}.prototype has ${expected} and not ${actual}`, actual === expected);
    await check(`${name}.prototype has one symbol`, Object.getOwnPropertySymbols(prototype).length === 1);
    await throwsTypeError(`${name}()`, () => Interface('sample'));
    let instance = instances[name];
    if (construct) {
      await checkArguments(construct, `new ${name}()`, (...args) => new Interface(...args));
      instance ??= new Interface('sample');
      const Derived = class extends Interface {};
      await check(`${name} can be extended`, () => new Derived('sample') instanceof Derived);
    } else {
      await throwsTypeError(`new ${name}()`, () => new Interface());
      await throwsTypeError(`new ${name}('sample', {})`, () => new Interface('sample', {}));
      await throwsTypeError(`a class that extends ${name}`, () => new (class extends Interface {})());
    }
    await check(`there is a ${name} to look at`, instance instanceof Interface);
    await check(`${name} as a string`, () => `${instance}` === `[object ${name}]`);
    await checkMembers(name, prototype, exposed, instance);
  };

  for (const definition of definitions) {
    const {type, name, partial, members} = definition;
    if (type !== 'interface') continue;
    if (partial) {
      if (name in self) await checkMembers(name, self[name].prototype, members.filter(isExposed), self.navigator);
    } else if (isExposed(definition)) {
      await checkInterface(definition);
    } else {
      await check(`${name} is not exposed here`, !(name in self));
    }
  }
  return {checks, failures};
};
