import {requireActive, watchActivation} from './activation.js';
import {ConnectEvent} from './connect-event.js';
import {installAsking} from './courier.js';
import {ExtendableServicePortCloseEvent, ServicePortConnectEvent, extendPortEvents} from './extendable-events.js';
import {install} from './install.js';
import {serve} from './service.js';
import {ServicePortCollection, requireActiveBy, services} from './services.js';
import {StashedMessagePort, StashedPortCollection, installStash} from './stash.js';
import {defineEventHandler} from './webidl.js';

/** Patches a service worker. */
export const installServiceWorker = () =>
  install(
    [ServicePortConnectEvent, ExtendableServicePortCloseEvent, ConnectEvent, StashedMessagePort, StashedPortCollection],
    () => {
      defineEventHandler(ServicePortCollection.prototype, 'connect');
      requireActiveBy(requireActive);
      watchActivation();
      extendPortEvents();
      installAsking();
      installStash();
      serve(services);
    },
  );
