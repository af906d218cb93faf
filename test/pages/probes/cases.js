/** Makes a case of each probe: what this engine does is what is written down for it. */
import {assert, ask, facts, loadScript, origins, test} from '../harness.js';
import {createEnv} from './env.js';
import {expectedOf, textOf} from './expected.js';

/** @param {Record<string, (env: any) => any>} probes */
export async function probe(probes) {
  await loadScript('/probes/puppet.js');
  for (const [name, look] of Object.entries(probes)) {
    const may = expectedOf(name, facts.engine).may.map(textOf);
    if (may.length === 0) continue;
    test(name, async () => {
      const env = createEnv({ask, facts: {...origins, engine: facts.engine}});
      try {
        const found = textOf(await look(env));
        assert.include(may, found, `found ${found} rather than ${may.join(' or ')}\n`);
      } finally {
        await env.end();
      }
    });
  }
}
