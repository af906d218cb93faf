/** What servers answer, when they are there. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

export const ROOT = '/.well-known/navigator-connect/';

/** @typedef {{status: number, headers: Record<string, string>, body: string, module?: any}} Answer */

const SCRIPTS = ['navigator-connect.js', 'navigator-connect-service-worker.js', 'registry.js', 'bridge.mjs'];

/** Files of each build, read once. @type {Map<string, Map<string, string>>} */
const builds = new Map();

/** @param {string} dist */
function read(dist) {
  let files = builds.get(dist);
  if (!files) {
    files = new Map([...SCRIPTS, 'bridge.html'].map((name) => [name, readFileSync(join(dist, name), 'utf8')]));
    builds.set(dist, files);
  }
  return files;
}

export class Network {
  #world;
  #wasm;
  /** @type {Map<string, Answer>} */
  #files = new Map();
  /** By origin, what is wrong with its server. @type {Map<string, {down: boolean, slow: number}>} */
  #troubles = new Map();

  /**
   * @param {import('./world.js').World} world
   * @param {any} wasm the compiled registry.wasm; without one, no server has it
   */
  constructor(world, wasm) {
    this.#world = world;
    this.#wasm = wasm;
  }

  /**
   * @param {string} url
   * @param {string} body
   * @param {Partial<Answer>} [more]
   */
  serve(url, body, more = {}) {
    this.#files.set(url, {status: 200, headers: {}, body, ...more});
  }

  /**
   * Copies a build to an origin.
   *
   * @param {string} origin
   * @param {string} dist
   * @param {string[]} [without] files that are left out
   * @param {Record<string, string>} [headers] of registry.wasm
   */
  deploy(origin, dist, without = [], headers = {'content-type': 'application/wasm'}) {
    for (const [name, body] of read(dist)) this.serve(`${origin}${ROOT}${name}`, body);
    if (this.#wasm) this.serve(`${origin}${ROOT}registry.wasm`, '', {headers, module: this.#wasm});
    for (const name of without) this.#files.delete(`${origin}${ROOT}${name}`);
  }

  /**
   * @param {string} origin
   * @param {Partial<{down: boolean, slow: number}>} change
   */
  disturb(origin, change) {
    this.#troubles.set(origin, {...this.#trouble(origin), ...change});
  }

  /** @param {string} origin */
  #trouble(origin) {
    return this.#troubles.get(origin) ?? {down: false, slow: 0};
  }

  /**
   * What is there now; undefined when the server is down.
   *
   * @param {string} url
   * @returns {Answer | undefined}
   */
  answer(url) {
    const {origin, search} = new URL(url);
    if (this.#trouble(origin).down) return undefined;
    const found = this.#files.get(url) ?? this.#files.get(url.slice(0, url.length - search.length));
    return found ?? {status: 404, headers: {}, body: ''};
  }

  /**
   * @param {string} url
   * @param {(answer: Answer | undefined) => void} take
   */
  get(url, take) {
    const {scheduler, random} = this.#world;
    const {slow} = this.#trouble(new URL(url).origin);
    scheduler.after(random.between(0.5, 8) + (slow && random.between(0, slow)), () => take(this.answer(url)));
  }

  /** @param {import('./world.js').Context} context */
  api(context) {
    return {
      /** @type {(url: string, take: (answer: Answer | undefined, url: string) => void) => void} */
      fetch: (url, take) => {
        const absolute = new URL(url, context.url).href;
        this.get(absolute, (answer) => this.#world.enter(context, `fetched ${absolute}`, () => take(answer, absolute)));
      },
    };
  }
}

/** @param {any} host */
export function network(host) {
  class Response {
    #answer;
    constructor(/** @type {any} */ answer, /** @type {string} */ url) {
      this.#answer = answer;
      this.url = url;
      this.status = answer.status;
      this.ok = answer.status < 300;
      this.headers = {get: (/** @type {string} */ name) => answer.headers[name.toLowerCase()] ?? null};
      this.body = {cancel() {}};
    }
    async text() {
      return this.#answer.body;
    }
    async json() {
      return JSON.parse(this.#answer.body);
    }
    async arrayBuffer() {
      return this.#answer;
    }
    get module() {
      return this.#answer.module;
    }
  }
  // Compilation and instantiation would end on a thread of the engine's, at no time that we decide.
  const {Instance} = WebAssembly;
  /** @type {any} */
  const wasm = WebAssembly;
  wasm.compileStreaming = async (/** @type {any} */ response) => (await response).module;
  wasm.compile = async (/** @type {any} */ bytes) => bytes.module;
  wasm.instantiate = async (/** @type {any} */ module, /** @type {any} */ imports) => new Instance(module, imports);
  host.define({
    Response,
    Blob: class Blob {
      size = 0;
    },
    URL: host.web.URL,
    URLSearchParams: host.web.URLSearchParams,
    TextEncoder: host.web.TextEncoder,
    TextDecoder: host.web.TextDecoder,
    console: host.console,
    fetch: (/** @type {any} */ request) =>
      new Promise((resolve, reject) =>
        host.network.fetch(`${request?.url ?? request}`, (/** @type {any} */ answer, /** @type {string} */ url) => {
          if (answer) resolve(new Response(answer, url));
          else reject(new TypeError('Failed to fetch'));
        }),
      ),
  });
}
