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
  /** Whether it is a life that has the program end. */
  #panics = false;

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
        const watch = (/** @type {any} */ program) => this.#watch(context, program);
        Runtime = function () {
          const program = new Original();
          context.realm.program = program;
          watch(program);
          return program;
        };
      },
    });
  }

  /**
   * A program that panics is started anew, and nobody would know.
   *
   * @param {import('./world.js').Context} context
   * @param {any} program
   */
  #watch(context, {importObject: {gojs}}) {
    const exit = gojs['runtime.wasmExit'];
    gojs['runtime.wasmExit'] = (/** @type {number} */ sp) => {
      if (!this.#panics) this.#world.uncaught(context, 'the registry ended by itself');
      exit(sp);
    };
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
      this.#panics = true;
      program.importObject.gojs['runtime.wasmExit'](0);
      this.#panics = false;
      program._resolveExitPromise();
    });
  }
}
