/** The moments at which nothing runs. Waiting for them needs a client of the same site: others may not see locks. */
import {facts, stopServiceWorkers} from '/harness.js';

/** Has the service worker end. Chromium ends it when asked to, Firefox when it has idled. */
export async function asleep(helper) {
  if (facts.engine === 'chromium') await stopServiceWorkers();
  await helper.ask('free', {lock: 'bench/worker'});
}

/** Has the service worker end, and waits until the registry and the bridges have too, which left with their page. */
export async function nothingRuns(helper) {
  await asleep(helper);
  for (;;) {
    const locks = (await helper.ask('locks')).filter((name) => name.startsWith('navigator-connect/'));
    if (locks.length === 0) return;
    for (const lock of locks) await helper.ask('free', {lock});
  }
}
