import {mount} from '../frames.js';

export const scripts = () => ['/node_modules/comlink/dist/umd/comlink.min.js'];

export async function open(service) {
  const {contentWindow} = await mount(`${service}/bench/comlink-frame.html`);
  return callBy(Comlink.windowEndpoint(contentWindow, window, service));
}

/** There is no handshake: an answer shows that the other end is there. */
export async function callBy(endpoint) {
  const remote = Comlink.wrap(endpoint);
  await remote('hello');
  return {call: (data, transfer) => remote(transfer ? Comlink.transfer(data, transfer) : data)};
}
