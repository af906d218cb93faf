/** Without a registry nobody tells that a worker has stopped; the page that goes on posting notices. */
import {assert, fault, installed, note, service, stopServiceWorker, test} from '../harness.js';
import {message, services, Tally} from './tally.js';

test(
  'a page that posts and posts to a stopped worker reaches the next one',
  async () => {
    await fault(`${service.origin}/.well-known/navigator-connect/registry.js`, {status: 404, body: 'not found'});
    const port = await services.connect(await installed('reporting-service'));
    const tally = new Tally();
    services.addEventListener('message', ({data}) => tally.take(data));
    const post = () => port.postMessage(message(++tally.posted));
    post();
    await tally.complete();
    await stopServiceWorker(service.origin);
    const stopped = performance.now();
    const answered = new Promise((resolve) => {
      services.addEventListener('message', resolve, {once: true});
    });
    const posting = setInterval(post, 500);
    await answered;
    clearInterval(posting);
    const took = performance.now() - stopped;
    await note(`noticed after ${Math.round(took)} ms`);
    // A bridge looks after its links every 12 s.
    assert.isAtMost(took, 30_000);
    await tally.complete();
    assert.deepInclude(tally.outcome, {doubled: 0, lost: [], wrong: [], starts: 2});
    port.close();
  },
  {seconds: 90},
);
