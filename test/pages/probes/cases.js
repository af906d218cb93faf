/** Makes a case of each probe: what this engine does is what is written down for it. */
import {ask, facts, loadScript, note, origins, test} from '../harness.js';
import {createEnv} from './env.js';
import {expectedOf, textOf} from './expected.js';

/** @param {Record<string, (env: any) => any>} probes */
export async function probe(probes) {
  await loadScript('/probes/puppet.js');
  for (const [name, look] of Object.entries(probes)) {
    test(name, async () => {
      const env = createEnv({ask, facts: {...origins, engine: facts.engine}});
      try {
        const found = textOf(await look(env));
        const may = expectedOf(name, facts.engine).map(textOf);
        if (may.includes(found)) return;
        await note(`FOUND ${JSON.stringify(name)} ${found}`);
        throw new Error(`found ${found}, expected ${may.join(' or ')}`);
      } finally {
        await env.end();
      }
    });
  }
}
