/**
 * Holds the box to what browsers do: the probes of test/pages/probes/ run in it, set to each engine, and have to find what
 * was found there.
 *
 *     node test/simulator/probes.js [-profile ENGINE] [-probe PART] [-seed S] [-trace true]
 *
 * Where an engine does one thing or another, some seed has to show each.
 */
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import * as vm from 'node:vm';
import {World} from './world.js';
import {profiles} from './profiles.js';

/** @typedef {import('./world.js').Context} Context */

const OWN = 'https://own.example.com';
const origins = {own: OWN, sameSite: 'https://beside.example.com', crossSite: 'https://stranger.test'};

/** They are no part of what is checked here. @param {string} name */
const load = (name) => import(`${new URL(`../pages/probes/${name}.js`, import.meta.url)}`);
const {expectedOf, textOf} = await load('expected');
const {ends, platform} = await load('index');

/** How many seeds have to agree. */
const SEEDS = 6;
/** How many may be tried until all has been shown that may be. */
const MOST_SEEDS = 200;
/** How long a probe may take, in virtual milliseconds. */
const LIMIT = 100_000;

/** @param {string} path below test/pages/probes */
const read = (path) => readFileSync(new URL(`../pages/probes/${path}`, import.meta.url), 'utf8');

const puppet = read('puppet.js');
/** The modules as one script: what they export are its variables. */
const probes = ['env', 'locks', 'messages', 'pages', 'partitions', 'service-workers', 'storage', 'workers']
  .map(
    (name) =>
      `{${read(`${name}.js`).replace(/^export (const|async function|function) (\w+)/gm, (_, what, name) => (what === 'const' ? `globalThis.${name}` : `globalThis.${name} = ${what} ${name}`))}}`,
  )
  .join('\n');

/** A box in which a probe runs, and what the test around a browser does for one. */
class Box {
  /** @type {Map<string, any[]>} */
  #said = new Map();
  /** @type {Map<string, Array<(data: any) => void>>} */
  #takers = new Map();
  /** @type {Map<number, {past: Array<{url: string, page?: Context}>, at: number}>} */
  #tabs = new Map();

  /**
   * @param {number} seed
   * @param {string} engine
   */
  constructor(seed, engine) {
    this.engine = engine;
    this.world = new World(seed, profiles[engine], {keep: 400});
    const {network} = this.world;
    for (const origin of Object.values(origins)) {
      network.serve(`${origin}/probes/puppet.js`, puppet);
      network.serve(`${origin}/probes/puppet.html`, `<script>${puppet}</script>`);
    }
    // Everyone reaches the test by way of the server.
    this.world.oncreate = (context) => {
      const {fetch} = context.global;
      context.global.fetch = (/** @type {string} */ url, /** @type {any} */ {body} = {}) => {
        const [, verb] = /^\/harness\/(.*)/.exec(url) ?? [];
        return verb ? this.#answer(context, verb, JSON.parse(body)) : fetch(url);
      };
    };
  }

  /**
   * @param {string} name
   * @returns {string} what was found
   */
  find(name) {
    const {world} = this;
    const page = world.windows.open(`${OWN}/run.html`, [`${OWN}/probes/puppet.js`]);
    /** @type {string | undefined} */
    let found;
    Object.assign(page.global, {
      facts: {...origins, engine: this.engine},
      ask: (/** @type {string} */ verb, params = {}) =>
        this.#answer(page, verb, params).then((/** @type {any} */ response) => response.json()),
      found: (/** @type {any} */ fact) => (found = textOf(fact)),
    });
    world.enter(page, `probe ${name}`, () => {
      world.evaluate(page, 'probes.js', probes);
      world.evaluate(
        page,
        `${name}.js`,
        `{
          const look = {...messages, ...locks, ...storage, ...workers, ...serviceWorkers, ...updates, ...stops, ...partitions, ...pages}[${JSON.stringify(name)}];
          look(createEnv({ask, facts})).then(found, (error) => found(\`\${error.stack}\`));
        }`,
      );
    });
    world.scheduler.runWhile(() => found === undefined, LIMIT);
    return found ?? 'nothing: it does not end';
  }

  /**
   * What test/harness/verbs.go does.
   *
   * @param {Context} context who asks
   * @param {string} verb
   * @param {any} params
   */
  #answer(context, verb, params) {
    const {scheduler} = this.world;
    const {Promise} = this.world.evaluate(context, 'promise.js', '({Promise})');
    return new Promise((/** @type {(response: any) => void} */ resolve) => {
      const settle = (/** @type {any} */ value) => {
        const text = JSON.stringify(value ?? null);
        const parse = () => this.world.evaluate(context, 'parse.js', `(${text})`);
        scheduler.after(1, () => this.world.enter(context, `${verb} done`, () => resolve({json: parse})));
      };
      scheduler.after(1, () => this.#do(verb, params, settle));
    });
  }

  /**
   * @param {string} verb
   * @param {any} params
   * @param {(value?: any) => void} settle
   */
  #do(verb, {channel, data, url, fault, tab: id}, settle) {
    const {world} = this;
    const tab = /** @type {any} */ (this.#tabs.get(id));
    switch (verb) {
      case 'post': {
        const taker = this.#takers.get(channel)?.shift();
        if (taker) taker(data);
        else this.#said.set(channel, [...(this.#said.get(channel) ?? []), data]);
        return settle();
      }
      case 'take': {
        const said = this.#said.get(channel);
        if (said?.length) settle(said.shift());
        else this.#takers.set(channel, [...(this.#takers.get(channel) ?? []), settle]);
        return undefined;
      }
      case 'fault':
        world.network.serve(url, fault.body, {status: fault.status ?? 200});
        return settle();
      case 'open': {
        const made = this.#tabs.size + 1;
        this.#tabs.set(made, {past: [{url, page: this.#open(url)}], at: 0});
        return settle(made);
      }
      case 'close':
        for (const {page} of tab.past) if (page?.alive) world.windows.leave(page);
        return settle();
      case 'navigate':
        world.windows.leave(tab.past[tab.at].page, true);
        tab.past.splice(++tab.at, Infinity, {url, page: this.#open(url)});
        return settle();
      case 'back': {
        world.windows.leave(tab.past[tab.at].page, true);
        const entry = tab.past[--tab.at];
        if (entry.page.alive) world.windows.show(entry.page);
        else entry.page = this.#open(entry.url);
        return settle();
      }
      case 'stop-service-workers':
        for (const {version} of [...world.contexts]) if (version) world.serviceWorkers.stop(version, 'stopped');
        return settle();
      default:
        throw new Error(`there is no verb ${verb}`);
    }
  }

  /** @param {string} url */
  #open(url) {
    return this.world.windows.open(url, [`${new URL(url).origin}/probes/puppet.js`]);
  }
}

/** @param {string} name */
function flag(name) {
  const i = process.argv.findIndex((argument) => argument.replace(/^--?/, '') === name);
  return i < 0 ? undefined : (process.argv[i + 1] ?? '');
}

/** Something to do when nothing else runs: see `drain` in world.js. @type {(run: () => void) => Promise<void>} */
const alone = (run) => new Promise((resolve) => setImmediate(() => resolve(run())));

/**
 * @param {string} name
 * @param {string} engine
 * @returns {Promise<string>} what is wrong
 */
async function check(name, engine) {
  const {may: facts, unlike} = expectedOf(name, engine);
  const may = facts.map(textOf);
  const missing = new Set(may);
  const first = Number(flag('seed') ?? 1);
  const seeds = flag('seed') === undefined ? SEEDS : 1;
  for (let seed = first; seed < first + seeds || (missing.size > 0 && seeds > 1 && seed < MOST_SEEDS); seed++) {
    let found = '';
    /** @type {any} */
    let box;
    await alone(() => {
      box = new Box(seed, engine);
      found = box.find(name);
    });
    missing.delete(found);
    if (flag('trace') !== undefined) console.log(box.world.scheduler.lines.join('\n'));
    if (unlike) return may.includes(found) ? `it is as in the engine, and is listed to differ: ${unlike}` : '';
    if (!may.includes(found)) {
      const errors = box.world.errors.map((/** @type {string} */ error) => `\n      ${error}`).join('');
      return `seed ${seed} shows ${found}\n    rather than ${may.join(' or ')}${errors}`;
    }
  }
  return missing.size > 0 && seeds > 1 ? `no seed shows ${[...missing].join(' nor ')}` : '';
}

async function main() {
  const begun = performance.now();
  const part = flag('probe') ?? '';
  let count = 0;
  let failed = 0;
  for (const engine of flag('profile')?.split(',') ?? Object.keys(profiles)) {
    for (const name of Object.keys({...platform, ...ends})) {
      if (!name.includes(part) || expectedOf(name, engine).may.length === 0) continue;
      count++;
      const wrong = await check(name, engine);
      if (!wrong) continue;
      failed++;
      console.log(
        `${engine}: ${name}: ${wrong}\n    again: node test/simulator/probes.js -profile ${engine} -probe '${name}'`,
      );
    }
  }
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  console.log(`${count} probes in the box, ${failed} differ from their engine; ${seconds} s`);
  if (failed > 0) process.exitCode = 1;
}

if ('SourceTextModule' in vm) {
  await main();
} else {
  // Scripts that import modules need a flag.
  const args = ['--experimental-vm-modules', '--no-warnings', ...process.argv.slice(1)];
  process.exitCode = spawnSync(process.execPath, args, {stdio: 'inherit'}).status ?? 1;
}
