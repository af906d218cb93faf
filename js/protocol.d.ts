/**
 * The wire format: every control message, by the channel it travels on. Types only; receivers
 * check them at run time with `shape.js`. `polyfill/wire.go` decodes what is sent to the
 * registry, and its test reads this file and fails when the two drift apart.
 */

/** What a client is: whose life its connections follow. */
export type ClientKind = 'window' | 'worker' | 'sharedworker' | 'serviceworker';

/** Worker, shared worker → window, among the application's messages, carrying the courier's channel: be my courier. */
export interface CourierRequest {
  navigatorConnect: number;
  type: 'courier';
  kind: ClientKind;
  /** The context whose lock tells that the worker is alive. */
  context: string;
}

/** Service worker → windows, on their broadcast channel: who will be my courier, or pass on what I give into custody? */
export interface WindowsAsked {
  type: 'ask';
  what: 'courier' | 'custodian';
  /** Of this request; those of other starts and versions know it not. */
  id: string;
  /** The context whose lock tells that the worker is alive. */
  context: string;
  /** Its registration's. */
  scope: string;
}

/** Window → service worker, carrying the courier's channel, or the port that says whether it passes on: I do. */
export interface WindowAnswers {
  navigatorConnect: number;
  type: 'asked';
  id: string;
}

/** Service worker → window, on that port: it was me. */
export interface AnswerTaken {
  type: 'taken';
}

/** Window → service workers, on that channel: here is a window. */
export interface WindowCame {
  type: 'window';
}

/** Window → worker, on the courier's channel: I am your courier, and this is my context. */
export interface CourierHere {
  type: 'here';
  context: string;
}

/** Worker → window, on the courier's channel, carrying a control port: open a bridge. */
export interface CourierOpen {
  type: 'open';
  client: number;
  origin: string;
}

/** Worker → all windows that were asked, on the channels for that: one of them opens a bridge to this origin. */
export interface CourierOpened {
  type: 'opened';
  origin: string;
}

/** Worker → window, on the courier's channel: the bridge is of no more use. */
export interface CourierLeave {
  type: 'leave';
  client: number;
}

/** Loader → bridge page, `window.postMessage` with exact origin; carries the page's port. */
export interface Hello {
  navigatorConnect: number;
  type: 'hello';
}

/** Bridge → loader, on the page's port: the bridge runs, and speaks this version. */
export interface Ready {
  type: 'ready';
  version: number;
}

/** Loader → bridge, on the page's port, carrying a control port: serve a client. */
export interface Serve {
  type: 'serve';
  client: number;
  kind: ClientKind;
}

/** Loader → bridge, on the page's port: the client is gone, or has lost interest. */
export interface Leave {
  type: 'leave';
  client: number;
  /** Whether it is a service worker that will have no other start. */
  gone: boolean;
}

/** Bridge → loader, on the page's port: the client has left, and the services are told that have to be. */
export interface Left {
  type: 'left';
  client: number;
}

/** Courier or bridge → client, on the control port: the bridge can't be reached. */
export interface Failed {
  type: 'failed';
}

/** Bridge → client, on the control port: the bridge's window ends. */
export interface Gone {
  type: 'gone';
}

/** Bridge → page, in place of `ready`: its window is no secure context, in which it could do nothing. */
export interface Insecure {
  type: 'insecure';
}

/** Page → bridge, on the page's port: is it still there? */
export interface Check {
  type: 'check';
}

/** Bridge → page, at once. */
export interface Checked {
  type: 'checked';
}

/**
 * Loader → bridge, carrying the data port. `attempt` is the loader's own number for it, and `connection` the UUID of
 * what is to come of it: who will take it up again must have stored that before the service accepts.
 */
export interface Attempt {
  type: 'connect';
  attempt: number;
  connection: string;
  targetURL: string;
  installWorker: boolean;
  /** Whether the service may have heard of it over another bridge. */
  again?: boolean;
}

/** Loader → bridge: the connection has ended. */
export interface Ended {
  type: 'close';
  attempt: number;
}

/** Loader → bridge: the attempt was given up, or its connection before any word of the service's had come. */
export interface GivenUp {
  type: 'giveup';
  attempt: number;
}

/** Loader → bridge, carrying a fresh data port for a connection. */
export interface Entangle {
  type: 'entangle';
  attempt: number;
}

/** Bridge → loader: the service accepted. */
export interface Connected {
  type: 'connected';
  attempt: number;
}

/** Loader → bridge: keep this connection, which another bridge made. */
export interface Resume {
  type: 'resume';
  attempt: number;
  connection: string;
  targetURL: string;
}

/** Loader → bridge: this context of the service has said hello. */
export interface MetPeer {
  type: 'met';
  attempt: number;
  context: string;
}

/** Loader → bridge: these connections are in use; their workers must stay awake. */
export interface KeepAlive {
  type: 'keepalive';
  attempts: number[];
}

/** Bridge → loader: the attempt failed, or its service is gone. Why stays at the service's origin. */
export interface Lost {
  type: 'lost';
  attempt: number;
}

/** Bridge → loader, on the page's port: a service has something to say to this client. */
export interface NeededClient {
  type: 'need';
  client: number;
  /** Whether that is nothing new, and the client is only to stay awake for what goes on. */
  traffic: boolean;
}

/** Bridge → loader: the service has something to say, and no port. */
export interface Needed {
  type: 'need';
  attempt: number;
}

/** Bridge → loader: this context of a service has ended. */
export interface PeerStopped {
  type: 'stopped';
  context: string;
}

/** Bridge → service worker, `ServiceWorker.postMessage`, carrying the data and the answer port. */
export interface Offer {
  navigatorConnect: number;
  type: 'connect';
  connection: string;
  /** The context whose lock tells that the client is alive. */
  client: string;
  origin: string;
  targetURL: string;
  /** Whether it may have come before, over another bridge. */
  again: boolean;
}

/** Bridge → service worker, carrying an answer port: has the connection, or the attempt, come to something? */
export interface Question {
  navigatorConnect: number;
  type: 'ask';
  connection: string;
  origin: string;
}

/** Service worker → bridge, on the answer port: it runs our code, and this is its context. */
export interface Received {
  type: 'received';
  context: string;
}

/** Service worker → bridge, on the answer port. `name` is the service port's. */
export interface Answered {
  type: 'answered';
  accepted: boolean;
  name: string;
  /** Whether this end does not outlive this start of the worker, as things are. */
  fleeting: boolean;
}

/** Bridge → service worker, carrying a fresh data port for a connection. */
export interface Reentangle {
  navigatorConnect: number;
  type: 'entangle';
  connection: string;
  client: string;
  origin: string;
}

/**
 * Bridge → service worker, carrying the control port of a client other than a service worker: the bridge's window ends,
 * and the client may post fresh ports for its connections there, with its last words.
 */
export interface Will {
  navigatorConnect: number;
  type: 'will';
  /** By the numbers that the loader gave them. */
  connections: Record<number, string>;
  client: string;
  origin: string;
}

/** Window → service worker: the client of this connection is gone. */
export interface ClientLost {
  navigatorConnect: number;
  type: 'lost';
  connection: string;
  client: string;
}

/** Window → service worker: here is a window, and perhaps someone who has something to say. */
export interface WindowHere {
  navigatorConnect: number;
  type: 'window';
}

/** Window → service worker: an event, to start it or to keep it awake. */
export interface Wake {
  navigatorConnect: number;
  type: 'wake';
}

/** Service worker → window → SharedWorker, carrying a stashed port and the link's: hold it. Not for the registry. */
export interface Custody {
  type: 'custody';
  connection: string;
  scope: string;
}

/** SharedWorker → window, carrying a fresh port for a link to a stashed port: bring it to the worker. */
export interface EntangleStash {
  type: 'entangle';
  connection: string;
  scope: string;
  /** The context of the SharedWorker. */
  client: string;
}

/**
 * SharedWorker → window, for the links to stashed ports, and registry → windows: the worker of this scope is in use, or
 * has begun something. It must stay awake, unless a new version waits.
 */
export interface KeepAwake {
  type: 'keepalive';
  scope: string;
}

/** Either end → the other, first on every data port. The service's first hello accepts the connection. */
export interface Greeting {
  type: 'hello';
  context: string;
}

/** Either end → the other, on a data port for a connection that it does not have, or not any more. */
export interface Closed {
  type: 'close';
}

/** Client → service, on the data port: my page is left; what comes from now on are last words. */
export interface Leaving {
  type: 'leave';
}

/** Service → client, on the data port: your bridge is gone; are you still there? */
export interface Asked {
  type: 'there';
}

/** The answer. */
export interface Here {
  type: 'here';
}

/**
 * Either end → the other on the data port: an application's messages, the first of them with this number; see `Link`.
 * More than one, at most `BATCH`, where `Together` has come before on the port.
 */
export type Envelope = [number: number, confirmed: number, ...messages: unknown[]];

/** Messages will travel together on this port. */
export type Together = 0;

/** A message that an earlier context had posted, with the number that it had there. */
export type Repetition = [number: number, origin: [context: string, number: number], message: unknown];

/** The last of them: the connection is closed. */
export type End = [number: number, confirmed: number];

/** Stands for a message that was lost with the worker it had been transferred to. */
export type Hole = [number: number];

/** Everything up to this number has arrived. */
export type Confirmation = number;

/** Negative: the number of the next message on this port, where that is not one more than the last one's, or 1. */
export type Place = number;

/** Registry → everyone, on ports and the broadcast channel: introduce yourself. */
export interface Generation {
  type: 'generation';
  generation: string;
}

/** Registry → windows: there is no registry, and why (a sentence for the console). */
export interface Broken {
  type: 'broken';
  reason: string;
}

/** SharedWorker → windows: the registry is another, that of this name. */
export interface Elsewhere {
  type: 'elsewhere';
  name: string;
}

/** SharedWorker → SharedWorkers: which of them is the registry? */
export interface Which {
  type: 'which';
}

/** SharedWorker → SharedWorkers: the registry is the one of this name. */
export interface ThisRegistry {
  type: 'registry';
  name: string;
}

/** Context → registry, after its lock is held. */
export interface Introduce {
  type: 'introduce';
  context: string;
  kind: 'window' | 'serviceworker';
  /** A service worker's registration scope; empty for windows. */
  scope: string;
}

/** Window → registry: a client attempts to connect. */
export interface Connect {
  type: 'connect';
  connection: string;
  /** The client's origin, as the browser told the bridge. */
  origin: string;
  targetURL: string;
}

/** Window → registry: the service accepted. */
export interface Answer {
  type: 'answer';
  connection: string;
  /** The scope of the service's registration. */
  scope: string;
  /** The service port's; the client's is its own affair. */
  name: string;
}

/** Window → registry: this service worker runs, or ran until a moment ago. */
export interface Met {
  type: 'met';
  context: string;
  scope: string;
}

/** Window → registry: a connection or an attempt ended. */
export interface Close {
  type: 'close';
  connection: string;
}

/** Service worker → registry: something waits for the client of this connection, and there is no port. */
export interface Need {
  type: 'need';
  connection: string;
  /** Whose lock tells that the client is alive, or empty. */
  client: string;
  /** The worker's registration's. */
  scope: string;
}

/** Registry → window: the same. Who lives and does not know the connection has closed it, and says so. */
export interface NeededConnection {
  type: 'need';
  connection: string;
  scope: string;
}

/** Service worker → registry: work has begun here, for which this worker may not stay awake long enough. */
export interface Begun {
  type: 'begun';
  context: string;
}

/** Service worker → registry: work lasts here; this worker needs an event to stay awake. */
export interface Busy {
  type: 'busy';
  context: string;
}

/** Service worker → registry: what was connected here to a window that has ended knows of it. */
export interface Buried {
  type: 'buried';
  context: string;
  /** The window. */
  client: string;
}

/** Registry → windows that keep a connection to it: this service worker has ended. */
export interface Stopped {
  type: 'stopped';
  context: string;
  scope: string;
}

/** Registry → a window: give the active worker of this registration an event. */
export interface WakeScope {
  type: 'wake';
  scope: string;
  /** Not yet: the client whose end it is to hear of may come back over another window. */
  later: boolean;
}

/** Window → registry: answer with a `Snapshot` on the port that comes along. */
export interface SnapshotRequest {
  type: 'snapshot';
}

/** What a registry knows; see `snapshot()`. */
export interface Snapshot {
  generation: string;
  contexts: Array<{id: string; kind: string; scope: string}>;
  connections: Array<{
    id: string;
    client: string;
    scope: string;
    origin: string;
    targetURL: string;
    name: string;
    state: 'connecting' | 'open';
  }>;
  counters: Record<string, number>;
}
