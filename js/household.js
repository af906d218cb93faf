import {Context} from './context.js';
import {whenLeft} from './page-life.js';
import {RegistryClient} from './registry-client.js';

/** This window as the service's origin knows it, shared by all its bridges; made when the first needs it. */
class Household {
  context = new Context();
  /** @type {RegistryClient | undefined} */
  #registry;

  /** Only services have one to talk to. */
  get registry() {
    return (this.#registry ??= new RegistryClient(this.context));
  }

  leave() {
    this.context.leave();
    this.#registry?.leave();
  }
}

/** @type {Household | undefined} */
let household;

/** @returns {Household} */
export const currentHousehold = () => (household ??= new Household());

// Its connections are over then, and it must not stay locked in the back/forward cache.
whenLeft((cached) => {
  if (!cached) return;
  household?.leave();
  household = undefined;
});
