// The interfaces of draft A, as api.md defines them. The dictionaries that are
// optional arguments have the default that Web IDL wants by now.

partial interface Navigator {
  [SameObject] readonly attribute ServicePortCollection services;
};

partial interface WorkerNavigator {
  [SameObject] readonly attribute ServicePortCollection services;
};

[Exposed=(Window,Worker)]
interface ServicePortCollection : EventTarget {
  Promise<ServicePort> connect(DOMString url, optional ServicePortConnectOptions options = {});
  Promise<ServicePort> match(ServicePortMatchOptions options);
  Promise<sequence<ServicePort>> matchAll(optional ServicePortMatchOptions options = {});
  [Exposed=ServiceWorker] attribute EventHandler onconnect;
  attribute EventHandler onmessage;
  attribute EventHandler onclose;
};

dictionary ServicePortConnectOptions {
  DOMString name;
  any data;
  boolean installWorker;
  AbortSignal signal; // ours
};

dictionary ServicePortMatchOptions {
  DOMString name;
  DOMString targetURL;
};

[Exposed=(Window,Worker)]
interface ServicePort {
  readonly attribute DOMString targetURL;
  readonly attribute DOMString name;
  readonly attribute any data;
  readonly attribute unrestricted double bufferedAmount; // ours
  undefined postMessage(any message, optional sequence<object> transfer);
  undefined postMessage(any message, optional StructuredSerializeOptions options = {});
  undefined close();
};

[Exposed=ServiceWorker]
interface ServicePortConnectEvent : ExtendableEvent {
  constructor(DOMString type, optional ServicePortConnectEventInit init = {});
  readonly attribute DOMString targetURL;
  readonly attribute DOMString origin;
  Promise<ServicePort> respondWith(Promise<ServicePortConnectResponse> response);
};

dictionary ServicePortConnectEventInit : ExtendableEventInit {
  DOMString targetURL;
  DOMString origin;
};

dictionary ServicePortConnectResponse {
  boolean accept;
  DOMString name;
  any data;
};

[Exposed=(Window,Worker)]
interface ServicePortCloseEvent : Event {
  constructor(DOMString type, optional ServicePortCloseEventInit init = {});
  readonly attribute ServicePort source;
};

dictionary ServicePortCloseEventInit : EventInit {
  ServicePort source;
};

[Exposed=ServiceWorker]
interface ExtendableServicePortCloseEvent : ExtendableEvent {
  constructor(DOMString type, optional ExtendableServicePortCloseEventInit init = {});
  readonly attribute ServicePort source;
};

dictionary ExtendableServicePortCloseEventInit : ExtendableEventInit {
  ServicePort source;
};

// Draft B. What it adds to ServiceWorkerGlobalScope, `onconnect` and `ports`, are the global's own properties.

partial interface Navigator {
  Promise<MessagePort> connect(USVString url);
};

partial interface WorkerNavigator {
  Promise<MessagePort> connect(USVString url);
};

[Exposed=ServiceWorker]
interface ConnectEvent : ExtendableEvent {
  readonly attribute USVString targetURL;
  readonly attribute USVString targetUrl; // ours: the draft's examples spell it so
  readonly attribute USVString origin;
  undefined acceptConnection(Promise<MessagePort> port);
};

[Exposed=ServiceWorker]
interface StashedPortCollection : EventTarget {
  StashedMessagePort add(DOMString name, MessagePort port);
  Promise<sequence<StashedMessagePort>> match(DOMString name);
  attribute EventHandler onmessage;
};

[Exposed=ServiceWorker]
interface StashedMessagePort : MessagePort {
  readonly attribute DOMString name;
  undefined postMessage(any message, optional sequence<object> transfer); // overrides, as the next two
  undefined postMessage(any message, optional StructuredSerializeOptions options = {});
  undefined close();
};
