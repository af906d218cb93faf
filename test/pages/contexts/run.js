/** Runs the cases in a worker. */
import {ask, describe, facts, run} from '../harness.js';

export async function begin() {
  try {
    await import(`../cases/${facts.module}.test.js`);
    await run();
  } catch (error) {
    await ask('result', {error: describe(error)});
  }
}
