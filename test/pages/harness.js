/**
 * What the cases are made of, and what they may ask of the test around the browser: `site_test.go` answers. It runs
 * in every kind of global; the query of its URL says what is tested, and by whom.
 */
import {assert} from '/node_modules/chai/index.js';

export {assert};

/**
 * What this run is: `engine`, `client` (its relation to the service's origin), `kind` (of global), `module`, `seed`, and
 * the origins below; and what a module has of its own.
 */
export const facts = {kind: 'window', ...Object.fromEntries(new URLSearchParams(location.search))};

/** What is left to chance follows from it: the test draws one, and says which when a case fails. */
export const seed = Number(facts.seed);

const {own, sameSite, crossSite, bare} = facts;

/** This page's origin, and others by their relation to it. `bare` does not host navigator-connect. */
export const origins = {own, sameSite, crossSite, bare};

/** Where the services of this run are. */
export const service = {origin: {'same-origin': own, 'same-site': sameSite, 'cross-site': crossSite}[facts.client]};

/** Whether frames of the service's origin are in a storage partition (see platform.md). */
export const partitioned =
  facts.client === 'cross-site' || (facts.engine === 'webkit' && facts.client !== 'same-origin');

/**
 * Asks the harness to do what `verb` names.
 *
 * @param {string} verb
 * @param {object} [params]
 * @returns {Promise<any>}
 */
export async function ask(verb, params = {}) {
  const response = await fetch(`/harness/${verb}`, {method: 'POST', body: JSON.stringify(params)});
  if (!response.ok) throw new Error(`${verb}: ${await response.text()}`);
  return response.json();
}

/** Prints with the result of the present case. */
export const note = (text) => ask('note', {text});

/**
 * Opens a top-level tab. `close`, `navigate(url)`, `back`, `crash` and `freeze(frozen)` do what they say.
 *
 * @param {string} url
 */
export async function openTab(url) {
  const tab = await ask('open', {url});
  const act = (verb, more) => ask(verb, {tab, ...more});
  return {
    close: () => act('close'),
    navigate: (url) => act('navigate', {url}),
    back: () => act('back'),
    crash: () => act('crash'),
    freeze: (frozen) => act('freeze', {frozen}),
  };
}

/** Has all of the browser's processes stand still for a time, in milliseconds. */
export const suspend = (time) => ask('suspend', {time});

/** Ends every running service worker, where the engine has a means to. */
export const stopServiceWorkers = () => ask('stop-service-workers');

/** Ends the one of an origin. */
export const stopServiceWorker = (origin) => ask('stop-one', {url: origin});

/**
 * Has the server answer a URL, without its query, otherwise until the case ends: with another status, with other
 * headers (an empty one is left out), with another body, or not at all. Instead of a URL, an origin can be `offline`.
 * Or to `hold` the answer until something is posted at a channel; that it does is told to the channel of that name with
 * "asked" behind it.
 *
 * @param {string} url
 * @param {{status?: number, headers?: Record<string, string>, body?: string, offline?: boolean, hold?: string}} how
 */
export const fault = (url, how) => ask('fault', {url, fault: how});

/** Leaves `data` at the channel for whoever takes it, of any origin of this site. */
export const post = (channel, data) => ask('post', {channel, data});

/** Waits for what is next at the channel. */
export const take = (channel) => ask('take', {channel});

/**
 * What was written to the console since the case began, up to a line that contains `text`.
 *
 * @param {string} text
 * @returns {Promise<string[]>}
 */
export const consoleUntil = (text) => ask('console', {contains: text});

/** Between a worker with cases and its page, which has the frames. */
const pageChannel = () => new BroadcastChannel('harness/page');

/** Serves the worker that runs the cases on behalf of this page. */
export function servePage() {
  const channel = pageChannel();
  channel.onmessage = async ({data: {id, origin, verb, params}}) => {
    if (!verb) return;
    const settle = (outcome) => channel.postMessage({id, ...outcome});
    if (verb === 'miss the bridge') return bridgeIsGone().then(settle);
    const frame = await embed(origin);
    await frame.ask(verb, params).then(
      (value) => settle({value}),
      (error) => settle({error: error.message}),
    );
    frame.remove();
  };
}

/** What `embed` returns, for workers: a frame in their page, another one for each request; or, with none, the page itself. */
const embedInPage = (origin = '') => ({
  async ask(verb, params) {
    const channel = pageChannel();
    const id = crypto.randomUUID();
    const answer = new Promise((resolve) => {
      channel.onmessage = ({data}) => data.id === id && !data.verb && resolve(data);
    });
    channel.postMessage({id, origin, verb, params});
    const {error, value} = await answer;
    channel.close();
    if (error) throw new Error(error);
    return value;
  },
  remove() {},
});

/** Resolves with the frame of the bridge in this page, or without one, once that `fits`. */
const bridgeFrameThat = (fits) =>
  new Promise((resolve) => {
    const look = () => {
      const frame = document.querySelector('iframe[src*="navigator-connect/bridge.html"]');
      if (!fits(frame)) return;
      observer.disconnect();
      resolve(frame);
    };
    const observer = new MutationObserver(look);
    observer.observe(document.documentElement, {childList: true});
    look();
  });

/** Resolves with the bridge's frame in this page. */
export const bridgeIsMounted = () => bridgeFrameThat((frame) => frame !== null);

/** Resolves when the bridge's frame in this page, or this worker's, has been removed, if there is one. */
export const bridgeIsGone = async () => {
  if (!('document' in globalThis)) return embedInPage().ask('miss the bridge');
  await bridgeFrameThat((frame) => frame === null);
};

/** Resolves at the next load of a frame or a script. */
export const loaded = (element) => new Promise((resolve) => element.addEventListener('load', resolve, {once: true}));

/**
 * Embeds frame.html of an origin, in the partition that it has in this page.
 *
 * @param {string} origin
 */
export async function embed(origin) {
  if (!('document' in globalThis)) return embedInPage(origin);
  const frame = document.createElement('iframe');
  frame.src = `${origin}/frame.html`;
  frame.hidden = true;
  const done = loaded(frame);
  document.body.append(frame);
  await done;
  return {
    /**
     * Has the frame do one of the things in frame.js.
     *
     * @param {string} verb
     * @param {object} [params]
     * @returns {Promise<any>}
     */
    async ask(verb, params) {
      const {port1, port2} = new MessageChannel();
      const answer = new Promise((resolve) => (port1.onmessage = resolve));
      frame.contentWindow.postMessage({frame: verb, params}, origin, [port2]);
      const {error, value} = (await answer).data;
      port1.close();
      if (error) throw new Error(`${verb} at ${origin}: ${error}`);
      return value;
    },
    remove: () => frame.remove(),
  };
}

/**
 * Sees to it that a service of `services/` is active where this page's frames of an origin find it.
 *
 * @param {string} origin
 * @param {string} name
 * @returns {Promise<string>} the URL of its scope
 */
export async function installedAt(origin, name) {
  const scope = `${origin}/services/${name}/`;
  const frame = await embed(origin);
  await frame.ask('install', {script: `/services/${name}.js`, scope});
  frame.remove();
  return scope;
}

/** The same at the service's origin. */
export const installed = (name) => installedAt(service.origin, name);

/** @type {Map<string, {act: (context: {signal: AbortSignal}) => unknown, options: Options}>} */
const cases = new Map();

/**
 * @typedef {object} Options
 * @property {boolean} [fresh] needs a page and origins that no other case has used
 * @property {number} [seconds] needs this long
 * @property {Record<string, string>} [fails] why it can't pass, by engine, 'engine/client', 'engine/kind' or the kind of
 *   global, in whatever form it was started: it is expected to fail
 */

/**
 * Adds a case. What it promises is its name.
 *
 * @param {string} name
 * @param {(context: {signal: AbortSignal}) => unknown} act the signal is aborted when the case ends
 * @param {Options} [options]
 */
export function test(name, act, options = {}) {
  if (cases.has(name)) throw new Error(`two cases are called "${name}"`);
  cases.set(name, {act, options});
}

/** Runs those cases that the test wants, as it wants them. */
export async function run() {
  const {engine, client} = facts;
  const kind = facts.kind.split('-').at(-1);
  const list = [...cases].map(([name, {options}]) => {
    const {fresh, seconds, fails = {}} = options;
    const listed = [`${engine}/${client}`, `${engine}/${kind}`, engine, kind].find((key) => key in fails);
    return {name, fresh, seconds, fails: fails[listed]};
  });
  await ask('cases', {cases: list});
  for (;;) {
    const name = await ask('next');
    await ask('result', {name, error: await errorOf(cases.get(name).act)});
  }
}

/** What went wrong, also outside of the promise, or an empty string. */
async function errorOf(act) {
  const end = new AbortController();
  const {signal} = end;
  const escaped = new Promise((_, reject) => {
    addEventListener('error', ({error, message}) => reject(error ?? new Error(message)), {signal});
    addEventListener('unhandledrejection', ({reason}) => reject(reason), {signal});
  });
  escaped.catch(() => {});
  try {
    await Promise.race([act({signal}), escaped]);
    for (const port of await navigator.services.matchAll()) port.close();
    return '';
  } catch (error) {
    return describe(error);
  } finally {
    end.abort();
  }
}

/** @returns {string} the error with its stack, which not every engine begins with it */
export function describe(error) {
  const {stack = ''} = Object(error);
  return stack.includes(`${error}`) ? stack : `${error}\n${stack}`;
}

/** Loads a classic script, as a script tag of the page would. */
export function loadScript(src) {
  const script = document.createElement('script');
  script.src = src;
  return new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${src} did not load`));
    document.head.append(script);
  });
}

/** The loader, as the service's origin hosts it. */
export const loader = `${service.origin}/.well-known/navigator-connect/navigator-connect.js`;
