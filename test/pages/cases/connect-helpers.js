/** What the cases about connecting share. */
import {assert, installed} from '../harness.js';

export const {services} = navigator;

/** The next event of `type` at `navigator.services` that fits. */
export const next = (type, fits = () => true) =>
  new Promise((resolve) => {
    const end = new AbortController();
    const listener = (event) => {
      if (!fits(event)) return;
      end.abort();
      resolve(event);
    };
    services.addEventListener(type, listener, {signal: end.signal});
  });

export const nextFrom = (port, type = 'message') => next(type, ({source}) => source === port);

/** What the other side answers to `message`. */
export async function ask(port, message) {
  const answer = nextFrom(port);
  port.postMessage(message);
  return (await answer).data;
}

/**
 * What the registry knows, once it fits. Nobody is told of what it learns, so it is asked time and again; in between,
 * it has time to learn.
 */
export async function snapshotOnce(frame, fits) {
  for (;;) {
    const snapshot = await frame.ask('snapshot');
    if (fits(snapshot)) return snapshot;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Resolves once the registry knows of a connection to `url`. */
export const registered = (frame, url) =>
  snapshotOnce(frame, ({connections}) =>
    connections.some(({targetURL, state}) => targetURL === url && state === 'open'),
  );

/** Asserts that `promise` rejects with a DOMException of this name, or an error of this class; returns it. */
export async function rejects(promise, expected) {
  assert.instanceOf(promise, Promise);
  const error = await promise.then(
    () => assert.fail('it resolved'),
    (error) => error,
  );
  if (typeof expected === 'string') {
    assert.instanceOf(error, DOMException);
    assert.equal(error.name, expected);
  } else {
    assert.instanceOf(error, expected);
  }
  return error;
}

/** The answering service: `at(answer)` is a URL that it answers so, `reports()` what it tells. */
export async function answeringService() {
  const scope = await installed('answering-service');
  const reporter = await services.connect(`${scope}?answer=accept&name=reports`);
  let number = 0;
  return {
    scope,
    /** Every URL is another, so that reports can be told apart. */
    at: (answer, more = '') => `${scope}?answer=${answer}&number=${number++}${more}`,
    /** The service's report on the attempt to connect to `url`. */
    reportOn: async (url) =>
      (await next('message', ({source, data}) => source === reporter && data.facts?.targetURL === url)).data,
    report: async (fits) => (await next('message', ({source, data}) => source === reporter && fits(data))).data,
    tell: (message) => reporter.postMessage(message),
    close: () => reporter.close(),
  };
}
