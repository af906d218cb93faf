/** The bridge page of the service's origin can't do its part: a client in any kind of global hears AbortError. */
import {assert, facts, fault, installed, service, test} from '../harness.js';
import {ask, rejects, services} from './connect-helpers.js';

const page = `${service.origin}/.well-known/navigator-connect/bridge.html`;

const faults = {
  'is missing': {[page]: {status: 404, body: 'not found'}},
  "can't be framed": {[page]: {headers: {'Content-Security-Policy': "frame-ancestors 'none'"}}},
  'speaks another version': {
    [page]: {
      body: `<!doctype html><script>
        addEventListener('message', ({data, ports: [page]}) => {
          if (data?.navigatorConnect) page.postMessage({type: 'ready', version: data.navigatorConnect + 1});
        });
      </script>`,
    },
  },
  'is no secure context': {
    [page]: {
      body: `<!doctype html><script>
        addEventListener('message', ({data, ports: [page]}) => {
          if (data?.navigatorConnect) page.postMessage({type: 'insecure'});
        });
      </script>`,
    },
  },
  "can't be reached, and is not in the cache": {[service.origin]: {offline: true}},
};

if (facts.client !== 'same-origin') {
  for (const [what, [[url, how]]] of Object.entries(faults).map(([what, how]) => [what, Object.entries(how)])) {
    test(
      `AbortError, and no other message than an absence has: the bridge page ${what}`,
      async () => {
        const scope = await installed('echo-service');
        await fault(url, how);
        const {message} = await rejects(services.connect(scope), 'AbortError');
        await fault(url, {});
        const absent = rejects(services.connect(`${service.origin}/nothing/here/`), 'AbortError');
        // The next attempt finds it mended.
        const port = await services.connect(scope);
        assert.equal(await ask(port, 'hello'), 'hello');
        assert.equal((await absent).message, message);
        port.close();
      },
      {fresh: true},
    );
  }
}
