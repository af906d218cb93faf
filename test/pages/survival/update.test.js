/** A new version of the service's worker takes over the ports, whether it waits for its turn or not. */
import {assert, embed, loadScript, note, service, test} from '../harness.js';

await loadScript('/survival/numbered.js');
const {Tally, message} = self.numbered;
const {services} = navigator;

const after = (time) => new Promise((resolve) => setTimeout(resolve, time));
const scope = `${service.origin}/services/updating-service/`;

/** A service of version `from`, and a client of it, which may hear the answers on a port of their own. */
async function begin(from, elsewhere = false) {
  const frame = await embed(service.origin);
  const install = (version) => frame.ask('install', {script: `/services/updating-service.js?${version}`, scope});
  await install(from);
  // Of its own: those of the case before may be about to close.
  const name = crypto.randomUUID();
  const port = await services.connect(`${scope}?${name}`);
  const answering = elsewhere ? await services.connect(`${scope}answers?${name}`) : port;
  const tally = new Tally();
  const answers = [];
  const listener = ({source, data}) => {
    if (source !== answering) return;
    tally.take(data);
    answers.push(data);
  };
  services.addEventListener('message', listener);
  const post = (count) => {
    for (let i = 0; i < count; i++) port.postMessage(message(++tally.posted));
  };
  const end = async () => {
    // Before the port is closed: WebKit blocks a database of which a worker is ended while it writes there.
    await frame.ask('uninstall', {scope});
    for (const each of new Set([port, answering])) each.close();
    frame.remove();
    services.removeEventListener('message', listener);
  };
  return {install, tally, answers, post, end};
}

/** Everything came back, in order, and the last from this version, on the port that the first accepted. */
function assertKept({tally, answers}, from, to) {
  assert.deepInclude(tally.outcome, {lost: [], wrong: []});
  assert.deepInclude(answers.at(-1), {instance: `?${to}`, acceptedBy: `?${from}`, name: 'kept'});
}

if (new URL(import.meta.url).searchParams.has('traffic')) {
  const underTraffic = (name, {skip = 'skip', elsewhere = false, mostDoubled = 0}) =>
    test(
      name,
      async () => {
        const run = await begin(`1${skip}`, elsewhere);
        let version = 1;
        for (; version < 4; version++) {
          const begun = performance.now();
          let updating = true;
          let took = 0;
          const updated = run.install(`${version + 1}${skip}`).then(() => {
            updating = false;
            took = performance.now() - begun;
          });
          // On to where the next version must have taken messages, too.
          while (updating || performance.now() - begun < 1_500) {
            run.post(10);
            await after(20);
          }
          await updated;
          await note(`the update took ${took | 0} ms`);
          assert.isAtMost(took, 10_000);
        }
        run.post(1);
        await run.tally.complete();
        await note(JSON.stringify(run.tally.outcome));
        assertKept(run, `1${skip}`, `${version}${skip}`);
        assert.isAtMost(run.tally.doubled, mostDoubled);
        await run.end();
      },
      {seconds: 60},
    );

  underTraffic('updates with skipWaiting while messages flow: nothing twice that was answered', {});
  // What has just been handled, and no answer has confirmed.
  underTraffic('updates with skipWaiting while messages flow that are answered elsewhere', {
    elsewhere: true,
    mostDoubled: 3 * 64,
  });
  underTraffic('updates without skipWaiting while messages flow: nothing twice that was answered', {skip: ''});
} else {
  test(
    'updates with skipWaiting while quiet: nothing twice, in time',
    async () => {
      const run = await begin('1skip');
      let version = 1;
      for (; version < 6; version++) {
        run.post(100);
        await run.tally.complete();
        await after(100); // quiet
        const begin = performance.now();
        await run.install(`${version + 1}skip`);
        await note(`the update took ${(performance.now() - begin) | 0} ms`);
        assert.isAtMost(performance.now() - begin, 5_000);
      }
      run.post(100);
      await run.tally.complete();
      assertKept(run, '1skip', `${version}skip`);
      assert.equal(run.tally.doubled, 0);
      await run.end();
    },
    {seconds: 60},
  );

  test(
    'an update without skipWaiting: nothing controls a page, so it takes its turn by itself',
    async () => {
      const run = await begin('1');
      run.post(100);
      await run.tally.complete();
      await after(100); // quiet
      await run.install('2');
      run.post(100);
      await run.tally.complete();
      await note(JSON.stringify(run.tally.outcome));
      assertKept(run, '1', '2');
      assert.equal(run.tally.doubled, 0);
      await run.end();
    },
    {seconds: 60},
  );
}
