// Shows what the registry of this page's origin knows. It runs in a frame of the echo page, and so
// in the same storage partition as the bridge: it meets the same registry.

import {element, shortName} from '/demo.js';

const INTERVAL = 1000;
const PATIENCE = 5000;

const $ = (id) => document.getElementById(id);

addEventListener('resize', tellHeight);
let shown = '';
try {
  const {snapshot} = await import('/.well-known/navigator-connect/navigator-connect.mjs');
  for (;;) {
    await visible();
    await Promise.race([snapshot(), silence()]).then(show, showProblem);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
} catch (error) {
  showProblem(error);
}

function silence() {
  const error = new DOMException('The registry does not answer.', 'TimeoutError');
  return new Promise((resolve, reject) => setTimeout(reject, PATIENCE, error));
}

/** A frame of another origin has to say how tall it wants to be. */
function tellHeight() {
  if (window.parent === window || !document.referrer) return;
  const height = document.documentElement.offsetHeight;
  window.parent.postMessage({height}, new URL(document.referrer).origin);
}

async function visible() {
  while (document.visibilityState !== 'visible') {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, {once: true}));
  }
}

function showProblem(error) {
  $('what').textContent = `${error.name}: ${error.message}`;
  reveal('problem');
}

function reveal(id) {
  for (const part of ['problem', 'snapshot']) $(part).hidden = part !== id;
  tellHeight();
}

function show(snapshot) {
  // Replacing what did not change would only lose the reader's selection.
  const next = JSON.stringify(snapshot);
  if (next !== shown) render(snapshot);
  shown = next;
  reveal('snapshot');
}

function render({generation, contexts, connections, counters}) {
  $('snapshot').replaceChildren(
    table('Connections', connections, {
      state: ({state}) => state,
      client: ({origin, client}) => [...shortName(origin), ' ', id(client)],
      service: ({scope}) => (scope ? path(scope) : '–'),
      'target URL': ({targetURL}) => path(targetURL),
    }),
    table('Contexts', contexts, {
      kind: ({kind}) => kind,
      id: (context) => id(context.id),
      scope: ({scope}) => (scope ? path(scope) : '–'),
    }),
    facts(counters, generation),
  );
}

function table(caption, rows, columns) {
  const head = Object.keys(columns).map((name) => element('th', {scope: 'col'}, name));
  const body = rows.map((row) =>
    element('tr', {}, ...Object.values(columns).map((cell) => element('td', {}, ...[cell(row)].flat()))),
  );
  if (!rows.length) body.push(element('tr', {}, element('td', {colSpan: head.length, className: 'hint'}, 'none')));
  return element(
    'table',
    {},
    element('caption', {}, `${caption} `, element('small', {}, rows.length)),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  );
}

function facts(counters, generation) {
  const fact = (name, value) => element('div', {}, element('dt', {}, name), element('dd', {}, value));
  return element(
    'dl',
    {className: 'facts'},
    ...Object.keys(counters)
      .sort()
      .map((name) => fact(name, counters[name].toLocaleString())),
    fact('generation', id(generation)),
  );
}

/** What follows the origin, which is this page's, as nodes that can break after each slash. */
function path(url) {
  const {pathname, search} = new URL(url, location.href);
  return (pathname + search).split(/(?<=\/)/).flatMap((part) => [part, document.createElement('wbr')]);
}

/** The head of a UUID tells two apart; the whole is a hover away. */
function id(uuid) {
  return element('code', {title: uuid}, uuid.slice(0, 8));
}
