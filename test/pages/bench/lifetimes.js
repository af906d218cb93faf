/** How soon an end that was stopped answers again, and how soon the death of one is told. */
import {embed, facts, loadScript, loader, openTab} from '/harness.js';
import {install, median, openPeer, service} from './compare.js';
import {asleep} from './asleep.js';
import {courier} from './frames.js';

const TIMES = 7;

export default async function (record) {
  await install();
  const helper = await embed(service);
  const peer = await openPeer('navigator-connect');
  await peer.connect();
  const answers = [];
  while (answers.length < TIMES) {
    await asleep(helper);
    answers.push((await peer.roundTrips('100 B object', 1)) / 1_000);
  }
  record('first answer', "after the service worker's stop", median(answers), 'ms');

  await loadScript(loader);
  const news = await courier(service, 'watch');
  for (const [death, die] of Object.entries(deaths)) {
    const times = [];
    while (times.length < TIMES) {
      const {kill, target} = await die();
      const told = new Promise((resolve) => (news.onmessage = ({data}) => data.closed === target && resolve()));
      const begin = performance.now();
      kill();
      await told;
      times.push(performance.now() - begin);
    }
    record('close told', death, median(times), 'ms');
  }
}

let victims = 0;
/** What clients of this page's origin are told: where to connect, and where to say so. */
const victim = () => {
  const target = `${service}/bench/echo/?victim=${++victims}`;
  const connected = new Promise((resolve) => {
    new BroadcastChannel('bench').onmessage = ({data, currentTarget}) => {
      if (data.connected !== target) return;
      currentTarget.close();
      resolve();
    };
  });
  return {target, connected, query: new URLSearchParams({loader, target})};
};

/** Ways for a client to die that leave it no last word. */
const deaths = {
  async 'its worker is terminated'() {
    const {target, connected, query} = victim();
    const worker = new Worker(`victim.js?${query}`);
    await connected;
    return {target, kill: () => worker.terminate()};
  },
};
// In Firefox all pages of a site crash together, this one too.
if (facts.engine === 'chromium') {
  deaths['its page crashes'] = async () => {
    const {target, connected, query} = victim();
    const tab = await openTab(`${location.origin}/bench/victim.html?${query}`);
    await connected;
    return {target, kill: () => tab.crash()};
  };
}
