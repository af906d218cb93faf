/** One peer, in a frame of its own, so that no library hears another's messages. The page around it says when. */
import {equal, payloads} from './payloads.js';

const {peer, service} = Object.fromEntries(new URLSearchParams(location.search));

/** Resolves when the peer could connect; `connect` says how long that took, in milliseconds. */
window.peer = load();

async function load() {
  const {scripts, open} = await import(`./peers/${peer}.js`);
  for (const src of scripts(service)) await loadScript(src);
  /** @type {(data: any, transfer?: Transferable[]) => Promise<any>} */
  let call;
  return {
    async connect() {
      const begin = performance.now();
      ({call} = await open(service));
      return performance.now() - begin;
    },

    /** How long it takes once more, while the first connection stays. */
    async connectAgain() {
      const begin = performance.now();
      const {close} = await open(service);
      const time = performance.now() - begin;
      close();
      return time;
    },

    /** Whether this peer can send that at all. */
    async can(name) {
      const {make} = payloads[name];
      const value = make();
      try {
        return equal(make(), await call(value, transferOf(value)));
      } catch {
        return false;
      }
    },

    /** One after the other; microseconds each. */
    async roundTrips(name, count) {
      let value = payloads[name].make();
      const begin = performance.now();
      for (let i = 0; i < count; i++) value = await call(value, transferOf(value));
      return (1_000 * (performance.now() - begin)) / count;
    },

    /** As many at once as the payload says; messages per second. */
    async flood(name, count) {
      const {make, inFlight} = payloads[name];
      const values = Array.from({length: Math.min(inFlight, count)}, make);
      let left = count;
      const lane = async (value) => {
        while (left-- > 0) value = await call(value, transferOf(value));
      };
      const begin = performance.now();
      await Promise.all(values.map(lane));
      return (1_000 * count) / (performance.now() - begin);
    },
  };
}

function loadScript(src) {
  const script = document.createElement('script');
  script.src = src;
  return new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${src} did not load`));
    document.head.append(script);
  });
}
