/** Scripts, and modules by `import()`. */
import vm from 'node:vm';

/** Compiled once for the process, by URL and text: every context shares the bytecode. @type {Map<string, vm.Script>} */
const scripts = new Map();
/** @type {Modules | undefined} of the world that has its turn */
let current;

export class Modules {
  #world;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
    current = this;
  }

  /**
   * @param {string} url
   * @param {string} [source] the network's by default
   * @returns {vm.Script}
   */
  script(url, source) {
    const text = source ?? this.textOf(url);
    const key = `${url}\n${text}`;
    let script = scripts.get(key);
    if (!script) {
      script = new vm.Script(text, {filename: url, importModuleDynamically: (specifier) => importIn(specifier)});
      scripts.set(key, script);
    }
    return script;
  }

  /**
   * @param {string} url
   * @returns {string} the script there, or that of the page
   */
  textOf(url) {
    const answer = this.#world.network.answer(url);
    if (answer?.status !== 200) throw new Error(`${url} did not load`);
    return /<script>([^]*)<\/script>/.exec(answer.body)?.[1] ?? answer.body;
  }

  /**
   * Nobody says which context imports: it is the one whose turn it is.
   *
   * @param {string} url
   * @returns {Promise<any>}
   */
  async import(url) {
    const context = /** @type {import('./world.js').Context} */ (this.#world.running);
    const {TypeError} = context.realm.intrinsics;
    // Firefox does not try again.
    if (context.failedImports.has(url)) throw new TypeError(`${url} did not load`);
    const answer = await new Promise((resolve) =>
      this.#world.network.get(url, (answer) => this.#world.enter(context, `imported ${url}`, () => resolve(answer))),
    );
    if (answer?.status !== 200) {
      if (this.#world.profile.remembersFailedImports) context.failedImports.add(url);
      throw new TypeError(`${url} did not load`);
    }
    let module = context.modules.get(url);
    if (!module) context.modules.set(url, (module = this.#instantiate(context, url, answer.body)));
    return module;
  }

  /**
   * @param {import('./world.js').Context} context
   * @param {string} url
   * @param {string} text
   */
  async #instantiate(context, url, text) {
    const options = {context: context.global, identifier: url, importModuleDynamically: importIn};
    const module = new vm.SourceTextModule(text, options);
    await module.link(() => {});
    await module.evaluate();
    return module;
  }
}

/** @param {string} url */
const importIn = (url) => /** @type {Modules} */ (current).import(url);
