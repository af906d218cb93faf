/** A service whose worker is replaced by a new version, and a client of it. */
import {assert, embed, service} from '../harness.js';
import {message, services, Tally} from './tally.js';

const scope = `${service.origin}/services/updating-service/`;

/** A service of version `from`, and a client of it, which may hear the answers on a port of their own. */
export async function begin(from, elsewhere = false) {
  const frame = await embed(service.origin);
  const install = (version) => frame.ask('install', {script: `/services/updating-service.js?${version}`, scope});
  await install(from);
  // Of its own: those of the case before may be about to close.
  const name = crypto.randomUUID();
  const port = await services.connect(`${scope}?${name}`);
  const answering = elsewhere ? await services.connect(`${scope}answers?${name}`) : port;
  const tally = new Tally();
  const answers = [];
  const listener = ({source, data}) => {
    if (source !== answering) return;
    tally.take(data);
    answers.push(data);
  };
  services.addEventListener('message', listener);
  const post = (count) => {
    for (let i = 0; i < count; i++) port.postMessage(message(++tally.posted));
  };
  const end = async () => {
    // Before the port is closed: WebKit blocks a database of which a worker is ended while it writes there.
    await frame.ask('uninstall', {scope});
    for (const each of new Set([port, answering])) each.close();
    frame.remove();
    services.removeEventListener('message', listener);
  };
  return {install, tally, answers, post, end};
}

/** Everything came back, in order, and the last from this version, on the port that the first accepted. */
export function assertKept({tally, answers}, from, to) {
  assert.deepInclude(tally.outcome, {lost: [], wrong: []});
  assert.deepInclude(answers.at(-1), {instance: `?${to}`, acceptedBy: `?${from}`, name: 'kept'});
}
