/** Web Locks. An agent's end frees its locks a moment later, and in no order with what it has posted. */

/** @typedef {{context: import('./world.js').Context, name: string, mode: string, granted: (lock: boolean) => void, stolen: () => void, state: string}} Request */
/** @typedef {{held: Request[], queue: Request[]}} Lock */

export class Locks {
  #world;

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  /**
   * @param {Lock} lock
   * @param {Request} request
   */
  #isFree({held}, request) {
    return request.mode === 'exclusive' ? held.length === 0 : held.every(({mode}) => mode !== 'exclusive');
  }

  /**
   * @param {import('./world.js').Place} place
   * @param {string} name
   */
  #grant(place, name) {
    const lock = place.locks.get(name);
    if (!lock) return;
    for (let next; (next = lock.queue[0]) && this.#isFree(lock, next);) {
      lock.held.push(/** @type {Request} */ (lock.queue.shift()));
      this.#answer(next, true);
    }
    if (lock.held.length + lock.queue.length === 0) place.locks.delete(name);
  }

  /**
   * @param {Request} request
   * @param {boolean} granted
   */
  #answer(request, granted) {
    const {context, name} = request;
    request.state = granted ? 'held' : 'refused';
    context.lockLane.push(() =>
      this.#world.enter(context, `${granted ? '' : 'no '}lock ${name}`, () => request.granted(granted)),
    );
  }

  /** @param {Request} request whose lock has been stolen */
  #take({context, name, stolen}) {
    context.lockLane.push(() => this.#world.enter(context, `lock ${name} stolen`, stolen));
  }

  /**
   * @param {import('./world.js').Place} place
   * @param {(request: Request) => boolean} isOver
   * @param {string} [name] of the only lock that it may be
   */
  #drop(place, isOver, name) {
    for (const [each, lock] of name === undefined ? [...place.locks] : [[name, place.locks.get(name)]]) {
      if (typeof lock !== 'object') continue;
      lock.queue = lock.queue.filter((request) => !isOver(request));
      lock.held = lock.held.filter((request) => !isOver(request));
      this.#grant(place, /** @type {string} */ (each));
    }
  }

  /** @param {import('./world.js').Context} context that has ended */
  end({place, name: ended, lockPipe}) {
    // On the manager's side of the context's own pipe: what it had asked for comes before.
    lockPipe.lane.push(() => this.#drop(place, ({context}) => context.name === ended));
  }

  /** @param {import('./world.js').Context} context */
  api(context) {
    const {place, lockPipe} = context;
    const {longestName} = this.#world.profile;
    return {
      /** @type {(name: string, options: {mode: string, ifAvailable: boolean, steal: boolean}, granted: (lock: boolean) => void, stolen: () => void) => Request | undefined} */
      request: (name, {mode, ifAvailable, steal}, granted, stolen) => {
        if (name.length > longestName) return undefined;
        /** @type {Request} */
        const request = {context, name, mode, granted, stolen, state: 'asked'};
        lockPipe.send(context, () => {
          if (!context.alive || request.state !== 'asked') return;
          const lock = place.locks.get(name) ?? {held: [], queue: []};
          if (ifAvailable && (lock.queue.length > 0 || !this.#isFree(lock, request))) {
            this.#answer(request, false);
            return;
          }
          place.locks.set(name, lock);
          request.state = 'queued';
          if (steal) {
            for (const held of lock.held.splice(0)) this.#take(held);
            lock.queue.unshift(request);
          } else {
            lock.queue.push(request);
          }
          this.#grant(place, name);
        });
        return request;
      },
      release: (/** @type {Request} */ request) =>
        void lockPipe.send(context, () => this.#drop(place, (other) => other === request, request.name)),
      /** @type {(take: (held: any[], pending: any[]) => void) => void} */
      query: (take) =>
        void lockPipe.send(context, () => {
          const of = (/** @type {Request[]} */ list) =>
            list.map(({context, name, mode}) => ({name, mode, clientId: context.name}));
          const all = [...place.locks.values()];
          const held = of(all.flatMap(({held}) => held));
          const pending = of(all.flatMap(({queue}) => queue));
          context.lockLane.push(() => this.#world.enter(context, 'locks', () => take(held, pending)));
        }),
      /** Firefox tells nobody in a partition. */
      refusesQuery: () => !this.#world.profile.queriesInPartitions && place.key !== place.origin,
      /** @type {(request: Request) => boolean} whether it was still waiting */
      abort: (request) => {
        if (request.state === 'held' || request.state === 'refused' || request.state === 'aborted') return false;
        request.state = 'aborted';
        lockPipe.send(context, () => this.#drop(place, (other) => other === request, request.name));
        return true;
      },
    };
  }
}

/** @param {any} host */
export function locks(host) {
  host.realm.locks = {
    request(/** @type {string} */ name, /** @type {any[]} */ ...rest) {
      const callback = rest.pop();
      const {mode = 'exclusive', ifAvailable = false, steal = false, signal} = rest[0] ?? {};
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        if (`${name}`.startsWith('-')) {
          reject(new DOMException('Such names are reserved.', 'NotSupportedError'));
          return;
        }
        const granted = (/** @type {boolean} */ granted) => {
          const result = new Promise((done) => done(callback(granted ? {name, mode} : null)));
          const release = () => granted && host.locks.release(request);
          result.then(release, release);
          result.then(resolve, reject);
        };
        const stolen = () => reject(new DOMException('It was stolen.', 'AbortError'));
        const request = host.locks.request(`${name}`, {mode, ifAvailable, steal}, granted, stolen);
        if (!request) reject(new DOMException('The name is too long.', 'NotSupportedError'));
        signal?.addEventListener('abort', () => host.locks.abort(request) && reject(signal.reason));
      });
    },
    query: () =>
      new Promise((resolve, reject) => {
        if (host.locks.refusesQuery()) reject(new DOMException('Not in a partition.', 'SecurityError'));
        const copy = (/** @type {any[]} */ list) => list.map(({name, mode, clientId}) => ({name, mode, clientId}));
        host.locks.query((/** @type {any[]} */ held, /** @type {any[]} */ pending) =>
          resolve({held: copy(held), pending: copy(pending)}),
        );
      }),
  };
}
