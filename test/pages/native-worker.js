/** A worker, or a shared one, that connects to what it is told, and sends the port, or uses it. */
importScripts('/.well-known/navigator-connect/navigator-connect.js');

const serve = (target) =>
  target.addEventListener('message', async ({data: {connect, say}, ports: [answer]}) => {
    if (!answer) return;
    try {
      const port = await navigator.connect(connect);
      if (say === undefined) {
        answer.postMessage({port}, [port]);
        return;
      }
      port.onmessage = ({data}) => answer.postMessage({heard: data});
      port.postMessage(say);
    } catch (error) {
      answer.postMessage({error: error.name});
    }
  });

if ('onconnect' in self) {
  addEventListener('connect', ({ports: [port]}) => {
    serve(port);
    port.start();
  });
} else {
  serve(self);
}
