/** Exposes an object by comlink on a port of the earlier draft. */
importScripts('/.well-known/navigator-connect/navigator-connect.js', '/node_modules/comlink/dist/umd/comlink.js');

addEventListener('connect', (event) => {
  const {port1, port2} = new MessageChannel();
  const object = {
    counter: 0,
    add: (a, b) => a + b,
    increment() {
      this.counter++;
    },
    fail() {
      throw new RangeError('as asked');
    },
  };
  Comlink.expose(object, port1);
  event.acceptConnection(port2);
});
