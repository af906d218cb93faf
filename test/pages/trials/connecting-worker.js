/** A client that connects to what its page names, and tells what came of it, with the errors that escaped so far. */
const errors = [];
addEventListener('error', ({message}) => errors.push(message));
addEventListener('unhandledrejection', ({reason}) => errors.push(`${reason?.stack ?? reason}`));

importScripts('/.well-known/navigator-connect/navigator-connect.js');

const {services} = navigator;

async function echo(url) {
  const port = await services.connect(url);
  const heard = new Promise((resolve) => services.addEventListener('message', resolve, {once: true}));
  port.postMessage('works');
  const {data} = await heard;
  port.close();
  return data;
}

addEventListener('message', async ({data: {connect}}) => {
  if (!connect) return;
  const outcome = await echo(connect).catch(({name}) => name);
  postMessage({outcome, errors});
});
