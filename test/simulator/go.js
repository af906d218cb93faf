/** registry.wasm: compiled once for the process, and how a program of Go's ends that panics. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

/** @type {Map<string, any>} by folder */
const modules = new Map();

/**
 * @param {string} dist
 * @returns {any} a WebAssembly.Module, which every realm can instantiate
 */
export function compileRegistry(dist) {
  let module = modules.get(dist);
  if (!module) {
    const {Module} = /** @type {any} */ (globalThis).WebAssembly;
    modules.set(dist, (module = new Module(readFileSync(join(dist, 'registry.wasm')))));
  }
  return module;
}

export class Go {
  #world;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  /** Has the world know what a context runs. @param {import('./world.js').Context} context */
  prepare(context) {
    /** @type {any} */
    let Runtime;
    Object.defineProperty(context.global, 'Go', {
      configurable: true,
      get: () => Runtime,
      set: (Original) => {
        Runtime = function () {
          const program = new Original();
          context.realm.program = program;
          return program;
        };
      },
    });
  }

  /**
   * What Go's runtime does when the program panics: its own function for that, and then back from the call.
   *
   * @param {import('./world.js').Context} context
   */
  panic(context) {
    const {program} = context.realm;
    if (!program || program.exited) return;
    this.#world.enter(context, 'panic', () => {
      program.importObject.gojs['runtime.wasmExit'](0);
      program._resolveExitPromise();
    });
  }
}
