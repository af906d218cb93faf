/** Clients with last words, and what their service hears of them. */
import {assert, installed, loader, openTab, origins, take} from '../harness.js';

const scope = await installed('last-words-service');

const TYPES = 'beforeunload pagehide visibilitychange unload';

/** A client's page. */
async function client({order = 'after', kind = 'service', types = TYPES, each = 2}) {
  const channel = crypto.randomUUID();
  const target = `${scope}?${new URLSearchParams({channel})}`;
  const query = new URLSearchParams({channel, service: target, loader, types, each, order, port: kind});
  const url = `${origins.own}/last-words.html?${query}`;
  return {channel, url};
}

/** What was heard until the end. */
export async function heard({channel}) {
  const all = [];
  for (;;) {
    const data = await take(channel);
    if (data === 'closed') return all;
    all.push(data);
  }
}

export const saidBy = ({channel}) => JSON.parse(localStorage.getItem(channel) ?? '[]');

export async function opened(how) {
  const it = await client(how);
  const tab = await openTab(it.url);
  assert.equal(await take(it.channel), 'connected');
  return {...it, tab};
}

export async function embedded(how) {
  const it = await client(how);
  const frame = document.createElement('iframe');
  frame.src = it.url;
  document.body.append(frame);
  assert.equal(await take(it.channel), 'connected');
  return {...it, frame};
}

/** Where they go. */
export const elsewhere = `${origins.own}/frame.html`;
