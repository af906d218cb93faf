/** A service whose origin can't be reached: what the browser keeps of it is enough. */
import {assert, bridgeIsGone, facts, fault, installed, service, stopServiceWorker, test} from '../harness.js';
import {ask, services} from './connect-helpers.js';

const files = ['bridge.html', 'registry.js', 'registry.wasm'];

// The page itself comes from there, and could not report.
if (facts.client !== 'same-origin') {
  test(
    'a service that has been used before answers offline',
    async () => {
      for (const file of files) {
        // As the README has it deployed; these tests have nothing cached else.
        const headers = {'Cache-Control': 'max-age=86400, stale-while-revalidate=604800'};
        await fault(`${service.origin}/.well-known/navigator-connect/${file}`, {headers});
      }
      const scope = await installed('echo-service');
      const before = await services.connect(scope);
      assert.equal(await ask(before, 'online'), 'online');
      before.close();
      await bridgeIsGone();
      if (facts.engine === 'chromium') await stopServiceWorker(service.origin);

      await fault(service.origin, {offline: true});
      const reached = await fetch(`${service.origin}/frame.html`, {mode: 'no-cors', cache: 'no-store'}).catch(
        () => null,
      );
      assert.isNull(reached, 'the origin can be reached');
      const port = await services.connect(scope);
      assert.equal(await ask(port, 'offline'), 'offline');
    },
    {fresh: true},
  );
}
