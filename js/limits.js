/** Every bound of the loader, in one place. Times are milliseconds. */

/** How long a bridge frame may take to load before it counts as missing. */
export const FRAME_LOAD = 15_000;
/** How long a loaded frame may take to answer: its script has run by then. */
export const HANDSHAKE = 3_000;
/** How long a bridge may take to answer, whose page is there, before another is mounted beside it. */
export const CHECKED = 500;
/** How many bridges may go, one after the other, before attempts fail. */
export const MAX_LOST = 8;
/** How long a worker may take to start and run our code; one without the polyfill never does. */
export const WORKER_START = 15_000;
/** How long a worker on its way may take to become active. */
export const ACTIVATION = 60_000;
/** How often a registration is looked for that is about to be there, or to have its first worker. */
export const LOOK_AGAIN = 100;
/** How long a waiting version may take to replace the worker that has just ended; longer, and it waits for something else. */
export const TAKE_OVER = 500;
/** How often it is looked for when its worker has become redundant: a successor has a script to load. */
export const SUCCESSOR_LOOKS = 10;
/** How long a service may take to answer; in line with the longest prompt a person sits through. */
export const ANSWER = 120_000;
/** A bound whose timer comes so much late has not measured what it was to; and how often it is set at most. */
export const LATE = 1_000;
export const ROUNDS = 3;
/** Failures are released to cross-origin callers on ticks of this length (see the README, privacy). */
export const TICK = 1_000;
/** How long they wait for what the same caller attempted at the same time, and is not decided. */
export const TOGETHER = 5_000;
/** How long a worker waits for a window that couriers its connection. */
export const COURIER_WAIT = 10_000;
/** An unused bridge frame is kept this long: connecting again is common, and mounting is slow. */
export const BRIDGE_LINGER = 500;
/** How long it may take to tell services that its last client has gone, before it goes itself. */
export const FAREWELL = 10_000;
/** After a context's lock fell free, messages it had posted before may still be on their way. */
export const LAST_WORDS = 100;
/** How long a client whose bridge has gone, and which has not said that it leaves, has to say that it is still there. */
export const HERE = 2_000;
/**
 * How long it has to come over another bridge, where the service has slept and has no port to ask it over; until then, nobody
 * wakes that.
 */
export const COMES_BACK = 5_000;
/** How often a service is told that a client is gone, should its worker end each time before it has put that down. */
export const LOST_TRIES = 3;
/** How long after its start a worker may not know that it is being installed, in Firefox on a busy machine. */
export const FIRST_EVENT = 1_000;
/** How long a service worker waits for a window that takes a port into custody. */
export const CUSTODIAN_WAIT = 5_000;
/** How long IndexedDB may take, to open or for what is asked of it, before what waits for it goes on without. */
export const DATABASE_WAIT = 10_000;
/** How long the ports may be unreadable before those who ask for one hear that it is lost. */
export const UNREADABLE = 15_000;
/** How long a window lets others start first, before the registry: on its way to a connection it is not needed. */
export const REGISTRY_DELAY = 200;
/** How long the registry may be silent before a window looks whether its script is there at all. */
export const REGISTRY_SILENCE = 3_000;

/**
 * A received message is confirmed by the next one that goes back, or after this many, or after this time; by a service
 * worker, in its next task.
 */
export const ACK_EVERY = 32;
export const ACK_DELAY = 10;
/** So many messages may be on their way unconfirmed, and so many at most a stop of the other end can repeat. */
export const WINDOW = 64;
/** So many with those that can't be repeated, since they were transferred: to take one over until it may leave costs time. */
export const MAX_UNDERWAY = 128;
/** So many messages travel together at most; the other end can't take more, unless it speaks another PROTOCOL. */
export const BATCH = 32;
/** Each of them is smaller than this, roughly, in bytes. */
export const LIGHT = 4_096;
/**
 * With so many on their way, what is posted waits for company until the microtasks are over; but not if that before
 * left so long ago.
 */
export const CROWD = 16;
export const HOLD = 1;
/** So many ports that were replaced are still listened to, for what was on its way on them. */
export const PREVIOUS_PORTS = 4;
/** So many contexts of the other end are told apart; with more that have left messages unsent, some may come twice. */
export const PEERS = 128;
/** How long a peer that has said hello is certain to live: browsers stop a worker 30 s after its last event. */
export const PROOF = 10_000;
/** Until a link asks again for a port, at first and at most. */
export const RETRY_FIRST = 250;
export const RETRY_MAX = 30_000;
/** How long a service worker at the other end may take to confirm before it is taken for stopped. */
export const SILENCE = 500;
/** How often a bridge looks after its links: workers in use get an event, well within the 30 s they may idle. */
export const KEEPALIVE = 12_000;
/**
 * After so many looks an attempt has taken too long, should a bridge fall silent: longer than its parts together. Time in
 * which the client did not run has no look.
 */
export const SETTLE = 20;
/** How many bytes may wait at one end of a link until the other has confirmed them; more throw `QuotaExceededError`. */
export const MAX_WAITING = 64 << 20;
/** How many a message takes besides its data: the bound is one of messages, too. */
export const MESSAGE_SIZE = 1_024;
/** How long buffers that waited may be kept, to be filled again; no more than can be on their way. */
export const SPARE = 1_500;
/** How long one native `waitUntil` may stay pending, since an update waits for it; events do the rest. */
export const MAX_EXTENSION = 10_000;
/** How long something that never ends keeps a worker awake; Chromium lets no event take longer. */
export const MAX_AWAKE = 300_000;
/** From when on something lasts: an event is asked for even if a new version waits. */
export const LASTS = 5_000;
/**
 * How often a worker asks for an event for what lasts. Not in the moment in which an extension ends: Chromium puts an
 * update off for another 30 s when the idle worker has an event again before it is replaced.
 */
export const BUSY = 12_000;
/** How often at most it asks when it begins something: the event that it gets lasts longer in every browser. */
export const BUSY_AGAIN = 10_000;

/** What one client may have at one service origin: attempts that wait for an answer, and all with the connections. */
export const MAX_PENDING = 2_048;
export const MAX_CONNECTIONS = 16_384;
/** How many clients a page may have at one bridge: itself and its workers. */
export const MAX_CLIENTS = 4_096;
/** The length of a target's URL, which the registry keeps. */
export const MAX_URL = 65_536;
/** The length of a port's name, and roughly the bytes of its data. */
export const MAX_NAME = 65_536;
export const MAX_DATA = 16 << 20;
