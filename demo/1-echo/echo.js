import {element, origins, relation, shortName} from '/demo.js';

const ECHO = '/services/echo/';

const $ = (id) => document.getElementById(id);

/** The open port, or null. */
let port = null;
/** When each message on its way was sent, by its number. */
const sent = new Map();
let count = 0;

await chooseOrigins();
$('install').onchange = showCall;
showCall();
$('connect').onsubmit = connect;
$('send').onsubmit = send;
$('close-here').onclick = closeHere;
$('close-there').onclick = () => port.postMessage({command: 'close'});
if (navigator.services) {
  navigator.services.onmessage = receive;
  navigator.services.onclose = closed;
} else {
  showProblem('navigator.services is missing', 'The loader is not built yet. Run ./build.sh, then reload.');
  $('connect-button').disabled = true;
}

async function connect(event) {
  event.preventDefault();
  hideProblem();
  showState('connecting');
  const start = performance.now();
  try {
    const {url, options} = currentCall();
    port = await navigator.services.connect(url, options);
    note(`Connected in ${milliseconds(performance.now() - start)}.`);
    showPort();
    showState('open');
    $('text').focus();
  } catch (error) {
    showState('failed');
    showProblem(`${error.name}: ${error.message}`, hint(error));
  }
}

async function send(event) {
  event.preventDefault();
  const text = $('text').value;
  if (!text || !port) return;
  $('text').value = '';
  log('sent', text);
  // The answer would wait for this page to paint the message: the time shown is to be the round trip's.
  await painted();
  sent.set(++count, performance.now());
  port?.postMessage({number: count, text});
}

function painted() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

function receive(event) {
  const now = performance.now();
  if (event.source !== port) return;
  const {number, text, gone, left} = event.data;
  if (gone) {
    const others = left === 1 ? 'Only this page is' : `${left} clients are`;
    note(`The service says: a client at ${gone} has gone. ${others} connected now.`);
  } else if (sent.has(number)) {
    log('answer', text, milliseconds(now - sent.get(number)));
    sent.delete(number);
  }
}

function closeHere() {
  port.close();
  lose('You closed the port. Nothing is fired here; the service gets a close event.');
}

function closed(event) {
  if (event.source === port) lose('A close event was fired here: the other side closed its port, or is gone.');
}

function lose(why) {
  port = null;
  sent.clear();
  note(why);
  showState('closed');
}

/** What the form asks for: the arguments of `navigator.services.connect`. */
function currentCall() {
  const data = {since: new Date().toLocaleTimeString()};
  const options = {name: 'echo demo', data};
  if ($('install').checked) options.installWorker = true;
  return {url: $('url').value, options};
}

function hint(error) {
  switch (error.name) {
    case 'AbortError':
      return $('install').checked
        ? 'Nobody answers at this URL, or the service refused; a page of another origin is not told which. The console may say more.'
        : 'Nobody answers at this URL, or the service refused; a page of another origin is not told which. Was the service ever installed where this page can see it? Try with installWorker.';
    case 'TypeError':
      return 'The URL does not parse.';
    default:
      return 'The console may say more.';
  }
}

/** Offers the origins: of this page, as links that keep the rest; of the service, as radio buttons. */
async function chooseOrigins() {
  const all = await origins();
  const wanted = new URLSearchParams(location.search).get('service');
  const first = all.find((origin) => origin === wanted) ?? all.find((origin) => origin !== location.origin);

  for (const origin of all) {
    const link = element('a', {}, element('span', {}, ...shortName(origin)));
    if (origin === location.origin) link.ariaCurrent = 'page';
    $('clients').append(link);

    const radio = element('input', {type: 'radio', name: 'service', value: origin, checked: origin === first});
    radio.onchange = () => choose(origin);
    const label = element(
      'span',
      {},
      element('span', {}, ...shortName(origin)),
      element('small', {}, relation(origin)),
    );
    $('services').append(element('label', {}, radio, label));
  }
  choose(first);

  function choose(service) {
    const query = `?${new URLSearchParams({service})}`;
    all.forEach((origin, i) => ($('clients').children[i].href = `${origin}/1-echo/${query}`));
    $('another').href = query;
    history.replaceState(null, '', query);
    $('url').value = service + ECHO;
    $('registry-origin').textContent = new URL(service).host;
    $('registry-frame').src = `${service}/1-echo/registry.html`;
  }
}

addEventListener('message', ({source, data}) => {
  const frame = $('registry-frame');
  if (source === frame.contentWindow && Number.isFinite(data?.height)) frame.style.height = `${data.height}px`;
});

function showCall() {
  const install = $('install').checked ? ', installWorker: true' : '';
  $('call').textContent = `navigator.services.connect(url, {\n  name, data${install}\n})`;
}

function showPort() {
  $('port-target').textContent = port.targetURL;
  $('port-name').textContent = JSON.stringify(port.name);
  $('port-data').textContent = JSON.stringify(port.data);
}

function showState(state) {
  $('state').dataset.state = $('state').textContent = state;
  $('connect-button').textContent = {connecting: 'Connecting…', open: 'Connected'}[state] ?? 'Connect';
  $('connect-button').disabled = state === 'connecting' || state === 'open';
  for (const id of ['text', 'send-button', 'close-here', 'close-there']) $(id).disabled = state !== 'open';
}

function showProblem(what, advice) {
  $('problem').replaceChildren(element('strong', {}, what), element('span', {}, advice));
  $('problem').hidden = false;
}

function hideProblem() {
  $('problem').hidden = true;
}

function note(text) {
  log('note', text);
}

function log(kind, text, time = '') {
  const item = element('li', {className: kind}, element('span', {}, text));
  if (time) item.append(' ', element('small', {}, time));
  $('log').append(item);
  $('log').scrollTop = $('log').scrollHeight;
}

/** Browsers blur their clocks, some to a whole millisecond. */
function milliseconds(duration) {
  const rounded = Number(duration.toFixed(duration < 10 ? 1 : 0));
  return rounded ? `${rounded} ms` : '< 1 ms';
}
