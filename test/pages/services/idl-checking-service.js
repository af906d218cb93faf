/** Holds its own global to the IDL that a client sends, and answers with what failed. */
importScripts('/.well-known/navigator-connect/navigator-connect.js', '/cases/idl-checks.js');

// The checks fire events of these names that are none.
navigator.services.addEventListener('connect', (event) => {
  if (event instanceof ServicePortConnectEvent && !event.targetURL.endsWith('?native'))
    event.respondWith({accept: true});
});

let connectEvent;
addEventListener('connect', (event) => {
  if (!(event instanceof ConnectEvent)) return;
  connectEvent = event;
  event.acceptConnection(new MessageChannel().port1);
});

navigator.services.addEventListener('message', (event) => {
  if (!(event instanceof ExtendableMessageEvent)) return;
  const {data, source} = event;
  const instances = {
    ...{ServicePort: source, ServicePortCollection: navigator.services, ConnectEvent: connectEvent},
    ...{StashedPortCollection: self.ports, StashedMessagePort: self.ports.add('', new MessageChannel().port1)},
  };
  const checked = self.checkIDL(data, instances).catch((error) => ({checks: 0, failures: [`${error}`]}));
  event.waitUntil(checked.then((result) => source.postMessage(result)));
});
