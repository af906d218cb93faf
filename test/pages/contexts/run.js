/** Runs the cases in a worker. */
import {ask, describe, facts, run} from '../harness.js';

export async function begin() {
  try {
    await import(`../${facts.module}.test.js`);
    await run();
  } catch (error) {
    await ask('result', {error: describe(error)});
  }
}
