/** What the cases about stashed ports share. */
import {assert, embed, installed, origins} from '../harness.js';
import {ask, next, services} from './connect-helpers.js';
import {nextOn} from './native-helpers.js';

let number = 0;

/**
 * The stashing service; every case uses other names.
 *
 * @param {string} [scope] where there is one
 */
export async function stashingService(scope) {
  scope ??= await installed('stash-service');
  const orders = await services.connect(`${scope}?orders`);
  return {
    scope,
    name: () => `name ${number++}`,
    /** Connects by the earlier draft to a service that answers so. */
    connect: (answer, name) =>
      navigator.connect(`${scope}?answer=${encodeURIComponent(answer)}&name=${encodeURIComponent(name)}`),
    /** Has the service worker do something, by draft A. */
    async order(what, params, transfer = []) {
      let answer;
      if (transfer.length === 0) answer = await ask(orders, {do: what, ...params});
      else {
        const heard = new Promise((resolve) => {
          services.addEventListener('message', ({source, data}) => source === orders && resolve(data));
        });
        orders.postMessage({do: what, ...params}, transfer);
        answer = await heard;
      }
      if (answer.error) throw new Error(answer.error);
      return answer.value;
    },
    close: () => orders.close(),
  };
}

/**
 * A service worker of this page's origin that connects and stashes: `connecting` says where it does so while it is
 * installed. Each is another registration.
 *
 * @param {{connect?: string, name?: string}} [connecting]
 */
export async function stashingClient(connecting = {}) {
  const scope = `${origins.own}/services/stashing-client/${number++}/`;
  const frame = await embed(origins.own);
  const install = (query) =>
    frame.ask('install', {
      script: `/services/stashing-client.js?${new URLSearchParams(query)}`,
      scope,
    });
  await install(connecting);
  const order = async (what, params) => {
    const {active} = await navigator.serviceWorker.getRegistration(scope);
    const {port1, port2} = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = resolve));
    active.postMessage({order: what, ...params}, [port2]);
    const {error, value} = (await answer).data;
    port1.close();
    if (error) throw new Error(error);
    return value;
  };
  return {
    order,
    /** Replaces the worker by another version, and says so. */
    update: (query = {}) => install({version: number++, ...query}),
    /** A port that stands for those that the worker has stashed under a name. */
    portTo(name) {
      const {port1, port2} = new MessageChannel();
      new BroadcastChannel(name).onmessage = ({data}) => port2.postMessage(data);
      port2.onmessage = ({data}) => order('post', {name, message: data});
      return port1;
    },
    remove: () => frame.remove(),
  };
}

/** How often a worker is stopped where that is what a case is about. */
export const STOPS = 10;
/** And where another case does so already, of a port that was stashed in another way. */
export const FEW = 3;
const MESSAGES = 20;

/**
 * Messages in both directions, across stops: numbers that come back in order, and none is missing.
 *
 * @param {MessagePort} port
 * @param {object} service that has stashed the other end under `name`
 * @param {string} name
 * @param {Set<string>} instances the starts of the worker that answered
 * @param {(instance: string) => Promise<void>} stop
 * @param {number} [count] of stops
 */
export async function converse(port, service, name, instances, stop, count = STOPS) {
  let number = 0;
  let last;
  for (let stops = 0; stops <= count; stops++) {
    const answers = [];
    for (let i = 0; i < MESSAGES; i++) port.postMessage(number++);
    while (answers.length < MESSAGES) {
      const {data, instance} = (await nextOn(port)).data;
      // What the dead worker had not confirmed comes again; in order, and none is missing.
      if (data < number - MESSAGES + answers.length) continue;
      assert.equal(data, number - MESSAGES + answers.length);
      instances.add((last = instance));
      answers.push(data);
    }
    // From the other side, in a worker that has just started.
    await stop(last);
    await service.order('tell', {name, message: {data: -1, stops}});
    for (;;) {
      const {data, stops: told} = (await nextOn(port)).data;
      if (data !== -1) continue;
      assert.equal(told, stops);
      break;
    }
  }
}

/** A port of this page, whose other end its service worker got by postMessage, and stashed under a name. */
export async function given(service, name) {
  const {port1, port2} = new MessageChannel();
  const {active} = await navigator.serviceWorker.getRegistration(service.scope);
  port1.postMessage('queued before the stash');
  active.postMessage({stash: name}, [port2]);
  assert.equal((await nextOn(port1)).data.data, 'queued before the stash');
  return port1;
}

/** @param {(service: Awaited<ReturnType<typeof stashingService>>) => Promise<unknown>} stop how its worker is stopped */
export async function endsWithWorker(stop) {
  const service = await stashingService();
  const port = await services.connect(`${service.scope}?answer=plain`);
  const closed = next('close', ({source}) => source === port);
  const answered = next('message', ({source}) => source === port);
  port.postMessage('hello');
  await answered;
  await stop(service);
  await closed;
  assert.notInclude(await services.matchAll(), port);
  service.close();
}

/** @param {(service: Awaited<ReturnType<typeof stashingService>>) => Promise<unknown>} stop how its worker is stopped */
export async function leavesSleeping(stop) {
  const service = await stashingService();
  const name = service.name();
  const port = await service.connect('accepted', name);
  await nextOn(port);
  await stop(service);
  port.close();
  while ((await service.order('count', {name})) > 0);
  service.close();
}
