/**
 * Where the probes run: a page and what it can have around it, in a browser or in the box of test/simulator/. Both have
 * the same verbs of the test behind them, and `help` of puppet.js in the page.
 */

/* global help */

/**
 * @param {{ask: (verb: string, params?: object) => Promise<any>, facts: Record<string, string>}} test
 */
export function createEnv({ask, facts}) {
  const {own, sameSite, crossSite, engine} = facts;
  /** What is undone in the end. */
  const cleanups = [];
  const name = (what = 'probe') => `${what} ${crypto.randomUUID()}`;

  /** Serves a text below an origin until the probe is over. */
  const serve = (url, body, type = 'text/javascript') =>
    ask('fault', {url, fault: {body, headers: {'Content-Type': type}}});

  /** The text of puppet.js, to begin other scripts with. */
  const puppet = async () => (await fetch(help.script)).text();

  /** A frame of an origin. */
  async function frame(url = own) {
    const {origin, pathname} = new URL(url);
    const element = document.createElement('iframe');
    element.hidden = true;
    element.src = pathname === '/' ? `${origin}/probes/puppet.html` : url;
    const loaded = help.next(element, 'load');
    document.documentElement.append(element);
    await loaded;
    cleanups.push(() => element.remove());
    const target = {postMessage: (message, ports) => element.contentWindow.postMessage(message, origin, ports)};
    return {
      target,
      element,
      run: (run, ...args) => help.command(target, run, ...args),
      remove: () => element.remove(),
    };
  }

  /** A tab of its own. */
  async function tab(origin = own) {
    const channel = name('tab');
    const query = new URLSearchParams({tab: channel});
    const id = await ask('open', {url: `${origin}/probes/puppet.html?${query}`});
    await ask('take', {channel: `${channel} shown`});
    const send = async (run, args, last) => {
      await ask('post', {channel, data: {probe: `${run}`, args, last}});
      const {error, value} = await ask('take', {channel: `${channel} answers`});
      if (error) throw new Error(error);
      return value;
    };
    return {
      run: (run, ...args) => send(run, args, false),
      /** Runs the last one before the tab is left. */
      async runLast(run, ...args) {
        const ended = new BroadcastChannel(`${channel} idle`);
        const idle = help.next(ended);
        await send(run, args, true);
        await idle;
        ended.close();
      },
      close: () => ask('close', {tab: id}),
      navigate: (url) => ask('navigate', {tab: id, url}),
      back: () => ask('back', {tab: id}),
      /** Whether the page was 'loaded', or is there 'again', after it was gone back to. */
      shown: () => ask('take', {channel: `${channel} shown`}),
    };
  }

  /** A dedicated worker; its script is puppet.js, followed by what is given. */
  async function worker(more = '') {
    const url = more ? await script(more) : help.script;
    const made = new Worker(url);
    cleanups.push(() => made.terminate());
    return Object.assign(made, {run: (run, ...args) => help.command(made, run, ...args)});
  }

  /** The URL of a script of this origin. */
  async function script(more) {
    const url = `${own}/probes/${crypto.randomUUID()}/script.js`;
    await serve(url, `${await puppet()}\n${more}`);
    return url;
  }

  /**
   * The folder of a service worker that is to be registered: its script, its scope, and a page in that.
   *
   * @param {string} [more] what follows puppet.js in the script
   */
  async function home(more = '', origin = own) {
    const scope = `${origin}/probes/${crypto.randomUUID()}/`;
    const text = await puppet();
    const made = {
      scope,
      script: `${scope}sw.js`,
      page: `${scope}page.html`,
      /** Has the server host another version. */
      change: (other) => serve(made.script, `${text}\n${other}`),
      register: () => navigator.serviceWorker.register(made.script, {scope}),
      /** Registers it, and returns the worker once it is active. */
      async activated() {
        const registration = await made.register();
        const installed = registration.installing ?? registration.waiting ?? registration.active;
        await reached(installed, 'activated');
        return Object.assign(installed, {registration, run: (run, ...args) => help.command(installed, run, ...args)});
      },
    };
    await serve(made.script, `${text}\n${more}`);
    await serve(made.page, `<!doctype html><script>${text}</script>`, 'text/html');
    cleanups.push(async () => {
      const all = await navigator.serviceWorker.getRegistrations();
      await Promise.all(all.filter((each) => each.scope === scope).map((each) => each.unregister()));
    });
    return made;
  }

  /** Ends a service worker, as the engine does with an idle one, or waits until it has. */
  async function stop(worker) {
    const lock = name('alive');
    await worker.run(async (lock) => void (await help.hold(lock)), lock);
    // Firefox does so by itself, after a second.
    if (engine !== 'firefox') await ask('stop-service-workers');
    await help.free(lock);
  }

  return {
    own,
    sameSite,
    crossSite,
    engine,
    ask,
    name,
    serve,
    frame,
    tab,
    worker,
    script,
    home,
    reached,
    stop,
    /** Undoes what the probe did. */
    async end() {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    },
  };
}

/** Resolves once a service worker has reached a state. */
export async function reached(worker, ...states) {
  while (!states.includes(worker.state)) {
    if (worker.state === 'redundant') throw new Error('it became redundant');
    await help.next(worker, 'statechange');
  }
  return worker.state;
}
