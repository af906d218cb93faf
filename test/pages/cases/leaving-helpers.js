/** Clients of the reporting service that leave; it tells their channel. */
import {assert, facts, installed, loader, openTab, origins, take} from '../harness.js';

const scope = await installed('reporting-service');
let number = 0;

/** A client's channel, the URL it connects to and that of its page. */
export function newClient(kind) {
  const channel = `${facts.client} ${number++}`;
  const target = `${scope}?${new URLSearchParams({channel})}`;
  const query = new URLSearchParams({kind, channel, service: target, loader});
  return {channel, target, url: `${origins.own}/client.html?${query}`};
}

export const connected = async ({channel}) => assert.equal(await take(channel), 'connected');

/** When the client's global had ended, as its lock told. */
export const ended = ({channel}) => navigator.locks.request(channel, {mode: 'shared'}, () => Date.now());

/** Embeds a client. */
export async function embedded(client) {
  const frame = document.createElement('iframe');
  frame.src = client.url;
  document.body.append(frame);
  await connected(client);
  return frame;
}

/** Opens one in a tab of its own. */
export async function opened(client) {
  const tab = await openTab(client.url);
  await connected(client);
  return tab;
}
