/** Runs a service worker's cases once its page says that it is active. */
import {ask, describe, run} from '../harness.js';

addEventListener('message', ({data}) => {
  if (data === 'run') run().catch((error) => ask('result', {error: describe(error)}));
});
