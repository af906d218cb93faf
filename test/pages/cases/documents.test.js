/** Documents of any kind connect, whatever their elements are called, and what the loader touches stays as it was. */
import {assert, installed, loaded, loader, test} from '../harness.js';

const script = `<script src="${loader}"></script>`;
const page = `<!doctype html><title>A client</title>${script}`;

/** Elements that go by the names of the document's members, which are then found in their place. */
const named = ['baseURI', 'currentScript', 'documentElement', 'prerendering', 'createElement', 'addEventListener']
  .map((name) => `<form name="${name}"><input name="src"></form>`)
  .join('');

/** @param {(frame: HTMLIFrameElement) => void} fill */
async function framed(fill) {
  const frame = document.createElement('iframe');
  fill(frame);
  const done = loaded(frame);
  document.body.append(frame);
  await done;
  return frame;
}

/** Its page is written, and with it the loader, which runs before the document is closed. */
async function written(text) {
  const frame = await framed(() => {});
  const done = loaded(frame);
  const {contentDocument} = frame;
  contentDocument.open();
  contentDocument.write(text);
  contentDocument.close();
  await done;
  return frame;
}

const documents = {
  'of a blob: URL': () => framed((frame) => (frame.src = URL.createObjectURL(new Blob([page], {type: 'text/html'})))),
  'of srcdoc': () => framed((frame) => (frame.srcdoc = page)),
  'that was written': () => written(page),
  'that a script has filled': async () => {
    const frame = await framed(() => {});
    const element = frame.contentDocument.createElement('script');
    element.src = loader;
    const done = loaded(element);
    frame.contentDocument.head.append(element);
    await done;
    return frame;
  },
  'with elements named after its members': () => written(`<!doctype html><body>${named}${script}`),
  'of srcdoc with elements named after its members': () =>
    framed((frame) => (frame.srcdoc = `<!doctype html><body>${named}${script}`)),
};

/** Where the service is the document's own origin's, whose worker hears nothing from it: why, nobody has found out. */
const deaf = {
  'of a blob: URL': {'webkit/same-origin': 'its attempt fails at once'},
  'that was written': {'firefox/same-origin': 'nobody answers', 'webkit/same-origin': 'nobody answers'},
  'with elements named after its members': {
    'firefox/same-origin': 'nobody answers: it was written',
    'webkit/same-origin': 'the same',
  },
};

for (const [which, open] of Object.entries(documents)) {
  const connects = async () => {
    const scope = await installed('echo-service');
    const frame = await open();
    const {services} = frame.contentWindow.navigator;
    const port = await services.connect(scope);
    const answer = new Promise((resolve) => services.addEventListener('message', resolve, {once: true}));
    port.postMessage('hello');
    assert.equal((await answer).data, 'hello');
    port.close();
    frame.remove();
  };
  test(`a document ${which} connects`, connects, {fails: deaf[which]});
}

test('all that a message event has can be read', async () => {
  const port = await navigator.services.connect(await installed('echo-service'));
  const answer = new Promise((resolve) => navigator.services.addEventListener('message', resolve, {once: true}));
  port.postMessage('hello');
  const event = await answer;
  const read = {};
  for (const name in event) read[name] = event[name];
  assert.equal(read.data, 'hello');
  assert.equal(read.source, port);
  for (const name of Object.getOwnPropertyNames(MessageEvent.prototype)) {
    if (typeof Object.getOwnPropertyDescriptor(MessageEvent.prototype, name).get === 'function') event[name];
  }
  port.close();
});

for (const name of ['Worker', 'SharedWorker']) {
  test(`${name} is what its objects say that made them`, () => {
    const Constructor = globalThis[name];
    const url = URL.createObjectURL(new Blob([''], {type: 'text/javascript'}));
    class Derived extends Constructor {}
    const made = [new Constructor(url), new Derived(url)];
    assert.equal(made[0].constructor, Constructor);
    assert.equal(made[1].constructor, Derived);
    assert.equal(Constructor.prototype.constructor, Constructor);
    assert.instanceOf(made[1], Constructor);
    assert.equal(Constructor.name, name);
    for (const worker of made) worker.terminate?.();
  });
}
