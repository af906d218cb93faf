/** The page with the cases, or of the global that runs them: a client of the service's origin. */
import './relay.js';
import {ask, describe, facts, loadScript, loader, run} from './harness.js';

async function main() {
  await loadScript(facts.loader ?? loader);
  if (facts.kind !== 'window') {
    const {begin} = await import('./contexts/begin.js');
    await begin();
    return;
  }
  await import(`./${facts.module}.test.js`);
  await run();
}

// Not awaited here, for the reason that client.html gives.
main().catch((error) => ask('result', {error: describe(error)}));
