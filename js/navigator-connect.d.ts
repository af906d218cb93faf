/**
 * Types of navigator-connect, for the module form (`import {install} from 'navigator-connect.mjs'`) and of what
 * both forms add to the global scope.
 */

/** Installs `navigator.services` and its interfaces, once, where the browser has none. */
export function install(): void;

/** What the registry of this page's own origin knows, in windows: for inspectors and tests, its shape may change. */
export function snapshot(): Promise<object>;

export interface ServicePortConnectOptions {
  /** The port's name here; the service is not told. */
  name?: string;
  /** Kept with the port, as a structured clone; the service is not told. */
  data?: any;
  /** Whether to have the service's worker installed, where its origin says how, when none covers the URL. */
  installWorker?: boolean;
  /** Gives up the attempt; it does not close a connection. */
  signal?: AbortSignal;
}

export interface ServicePortMatchOptions {
  name?: string;
  /** Relative ones are resolved. */
  targetURL?: string;
}

declare global {
  /** This side's end of a connection. */
  interface ServicePort {
    /** What was connected to, absolute. */
    readonly targetURL: string;
    readonly name: string;
    readonly data: any;
    /** Not in the drafts: roughly how many bytes wait until the other side has them, of the 64 MiB that may. */
    readonly bufferedAmount: number;
    postMessage(message: any, transfer?: Iterable<Transferable>): void;
    postMessage(message: any, options?: StructuredSerializeOptions): void;
    /** Fires `close` at the other side, after what was posted before; nothing here. */
    close(): void;
  }
  var ServicePort: {prototype: ServicePort};

  interface ServicePortCollectionEventMap {
    message: ServicePortMessageEvent;
    messageerror: ServicePortMessageEvent;
    close: ServicePortCloseEvent;
    /** In service workers. */
    connect: ServicePortConnectEvent;
  }

  /** `navigator.services`: connects, and receives the events of all ports. */
  interface ServicePortCollection extends EventTarget {
    /**
     * Connects to the service whose scope covers `url`.
     *
     * Rejects with an `AbortError` when there is none or it refuses; the console of the service's origin says why.
     */
    connect(url: string | URL, options?: ServicePortConnectOptions): Promise<ServicePort>;
    /** The oldest open port that fits. */
    match(options: ServicePortMatchOptions): Promise<ServicePort | undefined>;
    /** The open ports that fit, oldest first. */
    matchAll(options?: ServicePortMatchOptions): Promise<ServicePort[]>;
    onmessage: ((this: ServicePortCollection, event: ServicePortMessageEvent) => any) | null;
    onclose: ((this: ServicePortCollection, event: ServicePortCloseEvent) => any) | null;
    /** In service workers only. */
    onconnect?: ((this: ServicePortCollection, event: ServicePortConnectEvent) => any) | null;
    addEventListener<K extends keyof ServicePortCollectionEventMap>(
      type: K,
      listener: (this: ServicePortCollection, event: ServicePortCollectionEventMap[K]) => any,
      options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(
      type: string,
      listener: EventListenerOrEventListenerObject,
      options?: boolean | AddEventListenerOptions,
    ): void;
    removeEventListener<K extends keyof ServicePortCollectionEventMap>(
      type: K,
      listener: (this: ServicePortCollection, event: ServicePortCollectionEventMap[K]) => any,
      options?: boolean | EventListenerOptions,
    ): void;
    removeEventListener(
      type: string,
      listener: EventListenerOrEventListenerObject,
      options?: boolean | EventListenerOptions,
    ): void;
  }
  var ServicePortCollection: {prototype: ServicePortCollection};

  /** A `MessageEvent`, in service workers an `ExtendableMessageEvent`, from a `ServicePort`. */
  interface ServicePortMessageEvent extends Event {
    readonly data: any;
    /** The other side's. */
    readonly origin: string;
    readonly source: ServicePort;
    readonly ports: readonly MessagePort[];
    readonly lastEventId: string;
    /** In service workers. */
    waitUntil(promise: any): void;
  }

  interface ServicePortCloseEvent extends Event {
    /** Closed, and no longer among those that `matchAll` finds. */
    readonly source: ServicePort;
    /** In service workers, where the event is an `ExtendableServicePortCloseEvent`. */
    waitUntil?(promise: any): void;
  }
  var ServicePortCloseEvent: {
    prototype: ServicePortCloseEvent;
    new (type: string, init?: ServicePortCloseEventInit): ServicePortCloseEvent;
  };
  interface ServicePortCloseEventInit extends EventInit {
    source?: ServicePort;
  }

  /** In service workers. */
  interface ExtendableServicePortCloseEvent extends Event {
    readonly source: ServicePort;
    waitUntil(promise: any): void;
  }
  var ExtendableServicePortCloseEvent: {
    prototype: ExtendableServicePortCloseEvent;
    new (type: string, init?: ServicePortCloseEventInit): ExtendableServicePortCloseEvent;
  };

  interface ServicePortConnectResponse {
    /** Refused without it. */
    accept?: boolean;
    /** The service's port gets this name; the client is not told. */
    name?: string;
    /** Kept with the service's port, as a structured clone; the client is not told. */
    data?: any;
  }

  /** In service workers: somebody attempts to connect. */
  interface ServicePortConnectEvent extends Event {
    readonly targetURL: string;
    /** The client's, from the browser; `"null"` when it is opaque. */
    readonly origin: string;
    /** Answers, once, during dispatch. Resolves with this side's port. */
    respondWith(response: ServicePortConnectResponse | PromiseLike<ServicePortConnectResponse>): Promise<ServicePort>;
    waitUntil(promise: any): void;
  }
  var ServicePortConnectEvent: {
    prototype: ServicePortConnectEvent;
    new (type: string, init?: ServicePortConnectEventInit): ServicePortConnectEvent;
  };
  interface ServicePortConnectEventInit extends EventInit {
    targetURL?: string;
    origin?: string;
  }

  /** The earlier draft, in service workers, at the global: somebody attempts to connect, and no one has answered yet. */
  interface ConnectEvent extends Event {
    readonly targetURL: string;
    /** The same, as the draft's examples spell it. */
    readonly targetUrl: string;
    /** The client's, from the browser; `"null"` when it is opaque. */
    readonly origin: string;
    /** Accepts, once, with the client's end of a channel. What the service keeps ends with its worker, unless stashed. */
    acceptConnection(port: MessagePort | PromiseLike<MessagePort>): void;
    waitUntil(promise: any): void;
  }
  var ConnectEvent: {prototype: ConnectEvent};

  /** A port that outlives its service worker; its messages are fired at `self.ports`, never at itself. */
  interface StashedMessagePort extends MessagePort {
    readonly name: string;
  }
  var StashedMessagePort: {prototype: StashedMessagePort};

  interface StashedPortMessageEvent extends Omit<ServicePortMessageEvent, 'source'> {
    readonly source: StashedMessagePort;
    waitUntil(promise: any): void;
  }

  /** `self.ports` of a service worker: the stashed ports of its registration. */
  interface StashedPortCollection extends EventTarget {
    /** Stashes any port, which is neutered by that. Names need not be unique. */
    add(name: string, port: MessagePort): StashedMessagePort;
    match(name: string): Promise<StashedMessagePort[]>;
    onmessage: ((this: StashedPortCollection, event: StashedPortMessageEvent) => any) | null;
    addEventListener(
      type: 'message' | 'messageerror',
      listener: (this: StashedPortCollection, event: StashedPortMessageEvent) => any,
      options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(
      type: string,
      listener: EventListenerOrEventListenerObject,
      options?: boolean | AddEventListenerOptions,
    ): void;
  }
  var StashedPortCollection: {prototype: StashedPortCollection};

  interface ServiceWorkerGlobalScope {
    readonly ports: StashedPortCollection;
    onconnect: ((this: ServiceWorkerGlobalScope, event: ConnectEvent) => any) | null;
  }

  interface Navigator {
    readonly services: ServicePortCollection;
    /** The earlier draft: connects, as `navigator.services.connect` does, and resolves with a native port. */
    connect(url: string | URL): Promise<MessagePort>;
  }
  interface WorkerNavigator {
    readonly services: ServicePortCollection;
    connect(url: string | URL): Promise<MessagePort>;
  }
}
