/** What the README promises, held against what the applications of a life say and what has happened to them. */

/** At a stop, so many of what had not been confirmed may come again. */
const REPEATED = 64;
/** What a worker posted so long before it was killed may be lost. */
const MOMENT = 60;
/** An answer comes within this time of the last fault; milliseconds. */
const ANSWERED = 2_000;
/** And a `close` of the end it tells of: two timers of LAST_WORDS, with what comes between them. */
const CLOSED = 250;
/** So long after a window has connected the registry is there to notice ends. */
const NOTICED = 250;
/** Who asks a worker for what it needs, and hears nothing, asks again after this time. */
const AGAIN = 250;
/** Why a connection ended whose bridge was removed. */
const CUT = 'the frame is gone';
/**
 * So long a service gives a client to answer, or to come back, that has not said that it leaves; see js/limits.js. Timers may
 * be a quarter late.
 */
const HERE = 2_500;
const COMES_BACK = 6_250;
/** Why one is gone that has not. */
const NO_WORD = /^(crashed|with its owner|has no clients)/;
/** Failures are told on ticks, to callers of other origins. */
const TICK = 1_000;
/** A service worker waits so long for a window to connect through. */
const COURIER = 10_000;
/** How long an attempt that fails may take where no service thinks: what was attempted together is told together. */
const FAILED = 6_500;
/** Of what was attempted together all is told together, but for what is not decided after this time. */
const TOGETHER = 5_000;
/** A worker that has been replaced and lives on takes messages for so long, until it has heard of it. */
const RETIRED = 10;
/** After such a time all is answered that is. */
const SOON = 10_000;
/** So long after the last fault everything is as it was. */
const CALM = 3_000;
/** So many messages are posted at once. */
const FEW = 15;
/** How often a client keeps the worker awake that it speaks to; how long `waitUntil` does. */
const KEPT = 13_000;
const LASTS = 290_000;
/** How long after the last fault an attempt is decided: a worker that does not start is waited for. */
const DECIDED = 40_000;

/**
 * @typedef {'client' | 'service'} Side
 * @typedef {{n: number, time: number, carries?: string, unreadable: boolean, answers: number, to?: [string, number], part?: number, answered: Map<string, Set<number>>}} Message
 *
 * @typedef {object} Plan
 * @property {string} id
 * @property {string} by whose attempt it is
 * @property {string} to the service's name
 * @property {string} how the service is to answer
 * @property {boolean} [native]
 * @property {number} [late]
 * @property {boolean} [sameOrigin]
 * @property {boolean} [slow] the service's listener for `close` waits for something
 * @property {number} [abort] when its caller gives it up
 * @property {boolean} [custody] it is a stashed port that is no connection
 */

/** Something that must not be. */
export class Finding extends Error {
  isFinding = true;
}

/** One end of a connection, over all starts of who has it. */
class End {
  /** The last that was got, by its maker. @type {Map<string, number>} */
  highest = new Map();
  /** The same for each start. @type {Map<string, number>} */
  last = new Map();
  /** How many came again, by their maker. @type {Map<string, number>} */
  again = new Map();
  /** What has been handled to the end, `start maker n`. @type {Set<string>} */
  handled = new Set();
  /** `messageerror` events that have not been found to stand for a message. */
  unread = 0;
  /** When `close` was fired, and where. @type {Array<{start: string, time: number}>} */
  closes = [];
  /** What was made at this end, by context. @type {Map<string, Message[]>} */
  made = new Map();
  closed = false;
  /** The starts whose listener for `close` has done all that it waited for. @type {Set<string>} */
  closeHandled = new Set();
  /** When and where. */
  closedAt = {start: '', time: 0};
  /** When it got its last message. */
  heard = 0;
  /** Whether it has to hear of the end. */
  owed = false;

  /** @param {string} owner */
  constructor(owner) {
    this.owner = owner;
  }
}

class Connection {
  /**
   * Of an attempt whose worker was stopped nobody hears what became of it: it is adrift. Its next start may have the
   * port, or hear `close`.
   *
   * @type {'waiting' | 'connecting' | 'open' | 'failed' | 'adrift'}
   */
  state = 'waiting';
  begun = 0;
  opened = 0;
  /** When and why it ended, and whether anybody was there to wake who has to hear. @type {{time: number, calm: number, why: string, isSeen: boolean, hasWindow: boolean, isBusy: boolean} | undefined} */
  over;
  /** The start of each end that it can't outlive, if there is one. @type {Record<Side, string>} */
  bound = {client: '', service: ''};
  accepted = '';
  /** The client's start that was told that the attempt has failed. */
  failed = '';
  /** When the service has refused it. */
  refused = Infinity;
  /** The service's start that got a message last. */
  served = '';
  /** Whether the frame of its bridge was removed. */
  isCut = false;
  /** Whether that said nothing of it: the page hears of it when it looks after its bridges. */
  isSilent = false;
  /** Whether its bridge went when it was open: it goes on over another, or both ends hear that it has ended. */
  isLoose = false;
  /**
   * Whether it was attempted anew since. The service may have accepted it twice, and loses the first: an application that
   * knows it by its URL takes the two for one.
   */
  isAnew = false;
  /** Whether it is an attempt of a page that has been in the cache meanwhile, and waits for it. */
  isAwaited = false;
  /** What was closed by a start that ended at once, which had put that down or not. @type {End | undefined} */
  mayBeClosed;

  /** @param {Plan} plan */
  constructor(plan) {
    this.plan = plan;
    this.client = new End(plan.by);
    this.service = new End(plan.to);
  }
}

export class Oracle {
  counts = {messages: 0, repeated: 0, connections: 0, opened: 0, closes: 0, ends: 0};
  /** @type {Map<string, Connection>} */
  connections = new Map();
  /** When something last happened that takes time to get over. */
  disturbed = 0;
  /** When the same did before that. */
  #before = 0;
  /** Whether bounds on time are off: no registry, a page whose timers are slow, a server that is down. */
  relaxed = 0;
  /** Since when one has known all that it has to. */
  registrySince = Infinity;
  /** Whether storage has failed: nothing is promised of what could not be stored. */
  forgetful = false;
  #world;
  /** What starts wait for, by what they got. @type {Map<string, {start: string, owner: string, since: number}>} */
  #waiting = new Map();
  /** When each start of a worker got messages in the last half minute. @type {Map<string, number[]>} */
  #uses = new Map();
  /**
   * Whose start ended, when and how, and since when nothing else had happened.
   *
   * @type {Map<string, {owner: string, time: number, why: string, calm: number}>}
   */
  #deaths = new Map();
  /** When each owner's worker last ended. @type {Map<string, number>} */
  #lastEnds = new Map();
  /** How often each owner's worker was ended other than idle. @type {Map<string, number>} */
  #stops = new Map();
  /** @type {string[]} */
  #failures = [];
  /** What each owner said last of its ports. @type {Map<string, string[]>} */
  matches = new Map();
  /** And of which of them something was not confirmed. @type {Map<string, string[]>} */
  unconfirmed = new Map();

  /** @param {import('./world.js').World} world */
  constructor(world) {
    this.#world = world;
  }

  get #now() {
    return this.#world.scheduler.now;
  }

  /** @param {string} what was found wrong; the turn goes on, and the life ends after it */
  fail(what) {
    this.#world.trace(`!! ${what}`);
    this.#failures.push(`at ${this.#now.toFixed(3)}: ${what}`);
  }

  /** @throws {Finding} */
  check() {
    const [failure] = [...this.#failures, ...this.#world.errors];
    if (failure) throw new Finding(failure);
  }

  /** @param {number} [lasts] in milliseconds */
  disturb(lasts = 0) {
    if (this.#now > this.disturbed) this.#before = this.disturbed;
    this.disturbed = Math.max(this.disturbed, this.#now + lasts);
  }

  /** @param {Plan} plan */
  plan(plan) {
    this.connections.set(plan.id, new Connection(plan));
  }

  /** Whether a service worker has attempted to connect. */
  get haveSleepersConnected() {
    return [...this.connections.values()].some(({plan}) => this.isSleeper(plan.by));
  }

  /** @param {string} owner */
  of(owner) {
    return [...this.connections.values()].filter(({plan}) => plan.by === owner || plan.to === owner);
  }

  /**
   * @param {string} id
   * @param {string} owner
   * @returns {[Connection, Side, End, End] | undefined} and its end, and the other
   */
  #find(id, owner) {
    const connection = this.connections.get(id);
    if (!connection) return undefined;
    const {plan, client, service} = connection;
    return owner === plan.by ? [connection, 'client', client, service] : [connection, 'service', service, client];
  }

  // What happens.

  /**
   * @param {Connection} connection
   * @param {Side | ''} side that ended, if one did by itself
   * @param {string} why
   */
  #end(connection, side, why) {
    if (connection.over) return;
    const {by, to} = connection.plan;
    const who = side === 'service' ? to : by;
    const isBusy = this.#now - this.#before < AGAIN;
    const calm = this.disturbed;
    connection.over = {time: this.#now, calm, why, isSeen: this.isSeen(who), hasWindow: this.hasWindow(by), isBusy};
    if (connection.state !== 'open') return;
    // Native ports hear of no end: no browser has such an event.
    connection.client.owed = side !== 'client' && !connection.plan.native;
    connection.service.owed = side !== 'service' && !/native|stash/.test(connection.plan.how);
  }

  /**
   * Who had these connections is gone.
   *
   * @param {string} owner
   * @param {string} why
   * @param {(connection: Connection) => boolean} [which]
   */
  gone(owner, why, which = () => true) {
    for (const connection of this.of(owner)) {
      if (which(connection)) this.#end(connection, connection.plan.by === owner ? 'client' : 'service', why);
    }
  }

  /**
   * Both ends live, and what they met over does not: it goes on over another, or both are told.
   *
   * @param {string} owner
   */
  cut(owner, silently = false) {
    for (const connection of this.of(owner)) {
      const {plan, over} = connection;
      connection.isCut = true;
      connection.isSilent = silently || !this.#world.profile.lastWordsOfFrames;
      if (connection.state === 'connecting' && !this.isSleeper(plan.by)) connection.isAnew = true;
      else if (connection.state === 'open' && !over) connection.isLoose = true;
      else this.#end(connection, '', CUT);
    }
  }

  /** A page that left is shown again, and hears it. @param {string} owner */
  shown(owner) {
    for (const connection of this.of(owner)) {
      const {plan, client, over, state} = connection;
      if (plan.by !== owner || over?.why !== 'cached' || plan.native) continue;
      if (state === 'connecting') connection.isAwaited = true;
      if (state === 'open' && client.closes.length === 0 && !client.closed) client.owed = true;
    }
  }

  /**
   * A start of a service worker, or anyone else, has ended.
   *
   * @param {string} owner
   * @param {string} start
   * @param {string} why
   */
  ended(owner, start, why) {
    const before = this.disturbed;
    this.disturb();
    // A worker that was replaced may have lived on.
    if (this.#deaths.has(start)) return;
    this.counts.ends++;
    if (why === 'idle') this.#mayBeIdle(owner, start, before);
    this.#deaths.set(start, {owner, time: this.#now, why, calm: before});
    this.#lastEnds.set(owner, this.#now);
    if (why !== 'idle') this.#stops.set(owner, (this.#stops.get(owner) ?? 0) + 1);
    for (const connection of this.of(owner)) {
      if (connection.state === 'connecting' && connection.plan.by === owner) connection.state = 'adrift';
      for (const end of [connection.client, connection.service]) {
        if (end.closedAt.start === start && this.#now - end.closedAt.time < MOMENT) this.#revive(connection, end);
      }
      if (connection.bound.client === start) this.#end(connection, 'client', 'its start ended');
      if (connection.bound.service === start) this.#end(connection, 'service', 'its start ended');
    }
  }

  /** Whether another version of it is on its way: nothing keeps this one awake. @type {(owner: string) => boolean} */
  isUpdating = () => false;

  /**
   * No worker that is in use is stopped for being idle, nor one that waits for what is not over.
   *
   * @param {string} owner
   * @param {string} start
   * @param {number} disturbed before that
   */
  #mayBeIdle(owner, start, disturbed) {
    const {profile} = this.#world;
    const isExcused =
      this.relaxed || this.forgetful || !this.hasRegistry || this.isUpdating(owner) || profile.keptByWindows;
    if (isExcused || this.#now - disturbed < profile.idle) return;
    // Since then its client had every occasion to give it an event.
    const used = this.#uses.get(start)?.some((time) => time > this.#now - profile.idle && time < this.#now - KEPT);
    if (used) this.fail(`${start} was idle, though it was in use`);
    for (const waiting of this.#waiting.values()) {
      const time = this.#now - waiting.since;
      if (waiting.start === start && time < LASTS)
        this.fail(`${start} was idle, and waited since ${time.toFixed()} ms`);
    }
  }

  /**
   * A worker that is killed before it has put down that it closed a port may have it again.
   *
   * @param {Connection} connection
   * @param {End} end
   */
  #revive(connection, end) {
    const other = end === connection.client ? connection.service : connection.client;
    end.closed = false;
    // It hears `close` only if it has it again.
    end.owed = false;
    if (other.closed || other.closes.length > 0) return;
    other.owed = false;
    connection.mayBeClosed = end;
    connection.state = 'adrift';
    connection.over = undefined;
  }

  /**
   * What an application says.
   *
   * @param {string} owner
   * @param {string} start
   * @param {string} what
   * @param {any[]} details
   */
  said(owner, start, what, ...details) {
    if (what === 'matches') {
      const [ids, isSame, waiting] = details;
      if (!isSame) this.fail(`${start}: the same port is another object`);
      for (const id of ids) this.#has(start, id, owner);
      this.matches.set(owner, [...ids].sort());
      this.unconfirmed.set(owner, waiting);
      return;
    }
    const [id, ...rest] = details;
    const found = this.#find(id, owner);
    if (!found) return;
    const [connection, side, end, other] = found;
    if (connection.isAnew && !/connect|failed/.test(what)) {
      if (side === 'client' && /^clos/.test(what)) this.#end(connection, '', CUT);
      connection.service.owed = connection.client.owed = false;
      return;
    }
    if (connection.mayBeClosed === end) connection.mayBeClosed = undefined;
    const handlers = {
      connecting: () => this.#connecting(connection),
      connected: () => this.#connected(connection, start),
      failed: () => this.#failed(connection, start, rest[0]),
      'not accepted': () => (connection.refused = this.#now),
      accepted: () => {
        connection.accepted = start;
        if (/native/.test(connection.plan.how)) connection.bound.service = start;
      },
      // What is kept is kept a moment later.
      stashed: () => this.#world.scheduler.after(MOMENT, () => (connection.bound.service = '')),
      waits: () => this.#waiting.set(`${start} ${id} ${rest}`, {start, owner, since: this.#now}),
      'has waited': () => this.#waiting.delete(`${start} ${id} ${rest}`),
      post: () => this.#posted(end, rest),
      refused: () => end.made.get(rest[0])?.pop(),
      got: () => this.#got(connection, side, end, other, start, rest),
      handled: () => end.handled.add(`${start} ${rest[0]} ${rest[1]}`),
      unread: () => this.#unread(connection, side, end, other, start),
      closing: () => {
        end.closed = true;
        end.closedAt = {start, time: this.#now};
        this.#end(connection, side, 'closed');
      },
      close: () => this.#closed(connection, side, end, start),
      'close handled': () => end.closeHandled.add(start),
    };
    /** @type {Record<string, () => void>} */ (handlers)[what]?.();
  }

  /**
   * A port that was closed may be open again, but for both ends, and as if it had never been closed.
   *
   * @param {string} start
   * @param {string} id
   * @param {string} owner
   */
  #has(start, id, owner) {
    const [connection, , end, other] = this.#find(id, owner) ?? [];
    if (!connection || !end?.closedAt.start || !other || this.forgetful) return;
    if (other.closes.length > 0) this.fail(`${start} has ${id} again, of whose close ${other.owner} has been told`);
    if (connection.mayBeClosed !== end) return;
    connection.mayBeClosed = undefined;
    connection.state = 'open';
  }

  /** @param {Connection} connection */
  #connecting(connection) {
    connection.state = 'connecting';
    connection.begun = this.#now;
    this.counts.connections++;
  }

  /**
   * @param {Connection} connection
   * @param {string} start
   */
  #connected(connection, start) {
    const {id, by, how, native, custody} = connection.plan;
    if (/refuse|reject|never|nobody/.test(how)) this.fail(`${id} was accepted, though the service said ${how}`);
    connection.state = 'open';
    connection.opened = this.#now;
    this.counts.opened++;
    if (native && this.isSleeper(by)) connection.bound.client = start;
    if (custody) return;
    const isBound = connection.bound.service && this.#deaths.has(connection.bound.service);
    if (isBound) this.#end(connection, 'service', 'its start ended');
    if (connection.over) {
      // It ended before the client knew that it was there: it hears of it.
      connection.client.owed = !native && !connection.client.closed && connection.over.why !== 'cached';
      connection.service.owed = false;
    }
    this.#inTime(connection, 1_500 + (connection.plan.late ?? 0), 'connected');
  }

  /** @type {(owner: string) => boolean} */
  isSleeper = () => false;
  /** Whether there is a window of its origin. @type {(owner: string) => boolean} */
  hasWindow = () => true;
  /** Whether there is a window that could tell of this one's end. @type {(owner: string) => boolean} */
  isSeen = () => true;
  /** When each start began. @type {Map<string, number>} */
  births = new Map();

  /**
   * @param {Connection} connection
   * @param {string} start
   * @param {string} error
   */
  #failed(connection, start, error) {
    const {plan, begun} = connection;
    connection.state = 'failed';
    connection.failed = start;
    const took = this.#now - begun;
    if (error !== 'AbortError') {
      this.#end(connection, '', 'it failed');
      return;
    }
    const courier = this.isSleeper(plan.by) ? COURIER : 0;
    const isServed = plan.how === 'accept' && this.lives(plan.to) && (this.#lastEnds.get(plan.to) ?? 0) < begun;
    if (connection.isAnew && isServed && !connection.over && !this.relaxed && !this.forgetful)
      this.fail(`${plan.id} failed, and only its bridge had gone`);
    if (!connection.over && this.disturbed <= begun && !this.relaxed && !this.forgetful) {
      const reason = plan.how !== 'accept' || !this.lives(plan.to) || (courier && !this.hasWindow(plan.by));
      if (!reason) this.fail(`${plan.id} failed for no reason`);
      if (!plan.sameOrigin && took < TICK - 1)
        this.fail(`${plan.id} failed after ${took.toFixed(1)} ms, before a tick`);
      if (!plan.sameOrigin) this.#isTogether(connection);
    }
    if (plan.how !== 'never') this.#inTime(connection, courier + FAILED + (plan.late ?? 0), 'failed');
    this.#end(connection, '', 'it failed');
  }

  /**
   * A service that refuses while another thinks is not told apart from one that isn't there.
   *
   * @param {Connection} connection that failed
   */
  #isTogether({plan, begun}) {
    for (const {plan: other, begun: since, state, over} of this.connections.values()) {
      const wasThere =
        other.by === plan.by && state === 'connecting' && !over && since < begun && since >= this.disturbed;
      const until = since + Math.min(other.late ?? 0, other.abort ?? Infinity, TOGETHER);
      if (wasThere && other.how === 'accept' && this.#now < until - 1) {
        this.fail(`${plan.id} failed before ${other.id} was decided, which was attempted before`);
      }
    }
  }

  /**
   * @param {Connection} connection
   * @param {number} bound
   * @param {string} what
   */
  #inTime({plan, begun, over, isAnew}, bound, what) {
    // What a removed frame has not said at its end is waited for (L2 of the known faults).
    if (this.relaxed || over?.why === CUT) return;
    // It takes a tick until somebody looks after a bridge, and some time to have another.
    bound += isAnew ? 2 * TICK : 0;
    const took = this.#now - Math.max(begun, this.disturbed);
    if (took > (this.disturbed > begun ? Math.max(bound, DECIDED) : bound))
      this.fail(`${plan.id} ${what} after ${took.toFixed()} ms`);
  }

  /**
   * @param {End} end
   * @param {any[]} post
   */
  #posted(end, [from, n, {carries, unreadable, answers, to, part}]) {
    this.counts.messages++;
    const made = end.made.get(from) ?? [];
    end.made.set(from, made);
    made[n - 1] = {n, time: this.#now, carries, unreadable, answers, to, part, answered: new Map()};
  }

  /**
   * @param {Connection} connection
   * @param {Side} side
   * @param {End} end
   * @param {End} other
   * @param {string} start
   * @param {any[]} message
   */
  #got(connection, side, end, other, start, [from, n, {intact, to, part}]) {
    const {id} = connection.plan;
    const where = `${start} (${id}, ${side})`;
    end.heard = this.#now;
    const made = other.made.get(from) ?? [];
    if (!made[n - 1]) return this.fail(`${where} got ${from}'s ${n}, which was never posted`);
    if (!intact) this.fail(`${where} got ${from}'s ${n} damaged`);
    // A native port is the engine's.
    const mayHear = side === 'client' && connection.plan.native && this.#world.profile.closedPortsHear;
    if (end.closed && !mayHear) return this.fail(`${where} got ${from}'s ${n} on a port that it had closed`);
    if (end.closes.some((close) => close.start === start)) this.fail(`${where} got ${from}'s ${n} after close`);
    const {why, time = Infinity} = this.#deaths.get(start) ?? {};
    if (why === 'replaced' && this.#now - time > RETIRED && !/native|stash/.test(connection.plan.how))
      return this.fail(`${where} got ${from}'s ${n} ${(this.#now - time).toFixed()} ms after it was replaced`);
    const last = end.last.get(`${start} ${from}`) ?? 0;
    if (n <= last) return this.fail(`${where} got ${from}'s ${n} after ${last}`);
    const highest = end.highest.get(from) ?? 0;
    for (let missing = highest + 1; missing < n; missing++) {
      // A port may be lost on its way into custody, and with its keeper.
      if (!connection.plan.custody && !this.#isExcused(from, made[missing - 1], end)) {
        this.fail(`${where} got ${from}'s ${n}, and never its ${missing}`);
        break;
      }
    }
    if (side === 'service') connection.served = start;
    // What was just posted when its worker was killed may be kept yet, though it had been confirmed.
    const isKept = (this.#deaths.get(from)?.time ?? Infinity) - made[n - 1].time < MOMENT;
    if (n <= highest && !(isKept && this.isSleeper(end.owner))) this.#repeated(where, end, from, n);
    if (!this.isSleeper(connection.plan.by) && !connection.over) {
      const uses = (this.#uses.get(start) ?? []).filter((time) => time > this.#now - 60_000);
      this.#uses.set(start, [...uses, this.#now]);
    }
    end.last.set(`${start} ${from}`, n);
    end.highest.set(from, Math.max(highest, n));
    if (to) this.#answered(connection, end, to, part, from);
  }

  /**
   * `messageerror` stands for a message that can't be read, or was lost with the worker it had been transferred to.
   *
   * @param {Connection} connection
   * @param {Side} side
   * @param {End} end
   * @param {End} other
   * @param {string} start
   */
  #unread({plan}, side, end, other, start) {
    const mayBe = (/** @type {Message} */ {unreadable, carries}) =>
      unreadable || (carries && (this.#stops.get(end.owner) ?? 0) > 0);
    if (![...other.made.values()].flat().some((message) => message && mayBe(message))) {
      this.fail(`${start} (${plan.id}, ${side}) heard messageerror for nothing`);
    }
    end.unread++;
  }

  /**
   * Whether a message may be missing that its maker is known to have posted.
   *
   * @param {string} from
   * @param {Message | undefined} message
   * @param {{unread: number}} end where it was to come, or as much of it as is to be used up
   */
  #isExcused(from, message, end) {
    if (!message) return true;
    if (message.carries || message.unreadable) {
      // What a worker has stored is without what it had transferred, and what no database takes.
      return this.#deaths.has(from) || end.unread-- > 0;
    }
    const death = this.#deaths.get(from);
    if (!death) return false;
    return this.forgetful || death.time - message.time < MOMENT;
  }

  /**
   * @param {string} where
   * @param {End} end
   * @param {string} from
   * @param {number} n
   */
  #repeated(where, end, from, n) {
    this.counts.repeated++;
    const again = (end.again.get(from) ?? 0) + 1;
    end.again.set(from, again);
    const stops = (this.#stops.get(end.owner) ?? 0) + (this.isSleeper(end.owner) && this.#deaths.has(from) ? 1 : 0);
    const allowed = this.isSleeper(end.owner) ? stops * REPEATED : 0;
    if (again > allowed) this.fail(`${where} got ${from}'s ${n} again, the ${again}th after ${stops} stops`);
  }

  /**
   * @param {Connection} connection
   * @param {End} end of who asked
   * @param {[string, number]} question
   * @param {number} part
   * @param {string} from
   */
  #answered(connection, end, [asker, n], part, from) {
    const message = end.made.get(asker)?.[n - 1];
    if (!message) return;
    const parts = message.answered.get(from) ?? new Set();
    message.answered.set(from, parts.add(part));
    const since = Math.max(message.time, this.disturbed);
    // It may be one to an attempt that the service thinks about.
    const thinks = connection.state === 'adrift' ? (connection.plan.late ?? 0) : 0;
    const took = this.#now - since - thinks;
    if (took > ANSWERED && !this.relaxed) {
      this.fail(`${asker}'s ${n} (${connection.plan.id}) was answered ${took.toFixed()} ms after the last fault`);
    }
  }

  /**
   * @param {Connection} connection
   * @param {Side} side
   * @param {End} end
   * @param {string} start
   */
  #closed(connection, side, end, start) {
    this.counts.closes++;
    if (!connection.over && connection.isLoose) {
      this.#end(connection, '', CUT);
      connection.isSilent = true;
    }
    const {over, plan, client, service, mayBeClosed} = connection;
    const where = `${start} (${plan.id}, ${side})`;
    if (!over && connection.state !== 'open') {
      this.#toldLate(connection, side, start, where);
      this.#end(connection, side, 'it came to nothing');
    } else if (!over && mayBeClosed === (end === client ? service : client)) {
      mayBeClosed.closed = true;
      this.#end(connection, side, 'closed');
    } else if (!over && this.forgetful && this.#deaths.has(connection.accepted)) {
      // The service has said that this port ends with the start of it that could not store it.
      this.#end(connection, side, 'it could not be stored');
    } else if (!over) {
      this.fail(`${where} heard close, and both ends live`);
    }
    if (side === 'client' && connection.failed === start)
      this.fail(`${where} heard close of an attempt that had failed`);
    if (end.closes.some((close) => close.start === start)) this.fail(`${where} heard close twice`);
    const stops = this.isSleeper(end.owner) ? (this.#stops.get(end.owner) ?? 0) : 0;
    if (end.closes.length > stops)
      this.fail(`${where} heard close for the ${end.closes.length + 1}th time after ${stops} stops`);
    if (end.closed && stops === 0) this.fail(`${where} heard close of what it had closed itself`);
    end.closes.push({start, time: this.#now});
    if (!over) return;
    const isNews = (this.births.get(start) ?? 0) < over.time;
    const took = this.#late(connection, isNews);
    if (took && !connection.isSilent) this.fail(`${where} heard close ${took.toFixed()} ms after the end: ${over.why}`);
  }

  /**
   * How long ago an end was that should have been heard of by now; 0 if it need not.
   *
   * @param {Connection} connection
   * @param {boolean} isNews whether who hears of it was there when it came
   */
  #late({plan, over, opened, service}, isNews) {
    if (!over) return 0;
    const took = this.#now - Math.max(over.time, this.disturbed, opened + NOTICED, service.heard);
    const mayBeLate = this.relaxed || opened === 0 || over.why === 'cached' || !(isNews || over.isSeen);
    if (mayBeLate) return 0;
    if (this.isSleeper(plan.by)) {
      // A window of its origin has it say so, or says so in its stead.
      const isWatched = over.hasWindow && /^(its start ended|unregistered)$/.test(over.why);
      return isWatched && took > ANSWERED ? took : 0;
    }
    // What has to be told, and to whom, is known to no registry that began since.
    const down = this.#lastEnds.get(plan.to) ?? -Infinity;
    if (this.registrySince >= over.time && down > over.time - NOTICED) return 0;
    // Whoever was just telling of it may have been hit, or waits for what was there before; and who hears of it by asking
    // may have asked just before.
    const isLate = over.isBusy || over.why === 'its start ended' || this.disturbed > over.time;
    // Perhaps only the bridge has gone: who could not say that it leaves has time to come over another.
    const patience = down > opened ? COMES_BACK : NO_WORD.test(over.why) ? HERE : 0;
    const bound = CLOSED + (isLate ? AGAIN : 0) + patience;
    return took > bound ? took : 0;
  }

  /**
   * The next start of a worker asks at once what has become of an attempt.
   *
   * @param {Connection} connection
   * @param {Side} side
   * @param {string} start
   * @param {string} where
   */
  #toldLate({plan, refused}, side, start, where) {
    if (side !== 'client' || this.relaxed || !this.isSleeper(plan.by) || !this.hasWindow(plan.by)) return;
    const took = this.#now - Math.max(refused, this.births.get(start) ?? 0, this.disturbed);
    // What was attempted together is told together.
    const late = Math.max(...this.of(plan.by).map(({plan}) => plan.late ?? 0));
    if (took > TICK + ANSWERED + Math.min(late, TOGETHER))
      this.fail(`${where} heard ${took.toFixed()} ms later that its attempt had come to nothing`);
  }

  // What must hold once things are quiet.

  /** @returns {Connection[]} */
  get open() {
    return [...this.connections.values()].filter(({state, over}) => state === 'open' && !over);
  }

  /** Attempts of which nobody has heard what became of them. */
  get adrift() {
    return [...this.connections.values()].filter(({state, over}) => state === 'adrift' && !over);
  }

  /**
   * Whether a service may still have the port of an attempt that failed: a service worker's, whose window left when the
   * service had just accepted, and no lock tells that it has given up.
   *
   * @param {string} id
   */
  isOrphaned(id) {
    const {state, plan, accepted} = /** @type {Connection} */ (this.connections.get(id));
    return state === 'failed' && accepted !== '' && this.isSleeper(plan.by);
  }

  /** Attempts that have not been answered. */
  get undecided() {
    const isAwaited = (/** @type {Connection} */ {over, isAwaited, plan}) =>
      !over || (isAwaited && this.lives(plan.by));
    return [...this.connections.values()].filter(
      (connection) => connection.state === 'connecting' && isAwaited(connection),
    );
  }

  /** Whether all that was posted has come, and every question has its answers. @returns {string} what has not */
  missing() {
    for (const connection of this.open) {
      // A port that is in custody ends with its keeper, and nobody tells; nor does a native port that one was not stored.
      if (connection.plan.custody || (connection.plan.native && this.forgetful)) continue;
      for (const [to, from] of /** @type {const} */ ([
        ['service', 'client'],
        ['client', 'service'],
      ])) {
        const end = connection[to];
        const other = connection[from];
        const {id} = connection.plan;
        const budget = {unread: end.unread};
        for (const [maker, made] of other.made) {
          const highest = end.highest.get(maker) ?? 0;
          for (const message of made) {
            if (!message) continue;
            if (message.n > highest && !this.#isExcused(maker, message, budget))
              return `${id}: ${end.owner} never got ${maker}'s ${message.n}`;
            if (message.n > highest || !this.#isAnswered(end, maker, message)) {
              if (message.n <= highest) return `${id}: ${maker}'s ${message.n} was never answered to the end`;
            }
          }
        }
      }
    }
    return '';
  }

  /**
   * Whatever became of those that handled a message: one has to the end, and its answers have come.
   *
   * @param {End} end
   * @param {string} maker
   * @param {Message} message
   */
  #isAnswered(end, maker, {n, time, answers, carries, unreadable, answered}) {
    if (answers === 0 || carries || unreadable || this.forgetful) return true;
    const death = this.#deaths.get(maker);
    if (death && (death.why !== 'idle' || death.time - time < SOON)) return true;
    for (const [from, parts] of answered)
      if (parts.size === answers && end.handled.has(`${from} ${maker} ${n}`)) return true;
    return false;
  }

  /** @returns {string} what a page had posted to who was there before it left or crashed, and never came */
  lastWords() {
    for (const {plan, client, service, over, served, accepted} of this.connections.values()) {
      if (
        !/^(left|cached|crashed)$/.test(over?.why ?? '') ||
        this.isSleeper(plan.by) ||
        service.closed ||
        /native|stash/.test(plan.how)
      )
        continue;
      for (const [maker, made] of client.made) {
        const hasGone = over?.why === 'cached' || this.#deaths.get(maker)?.why === over?.why;
        const end = this.#deaths.get(served || accepted)?.time ?? Infinity;
        if (!over || !hasGone || over.calm > over.time - CALM || !this.#isReached(plan, over, end)) continue;
        // Who crashes may have had more to say than may be on its way.
        if (over.why === 'crashed' && made.filter(({time}) => time > over.time - 200).length > FEW) continue;
        const highest = service.highest.get(maker) ?? 0;
        // What it posts when it is shown again, before it hears of the end, is too late.
        const {n: last = 0} = made.findLast(({time, unreadable}) => time < over.time + 1 && !unreadable) ?? {};
        if (highest < last) return `${plan.id}: ${service.owner} never got ${maker}'s ${last}, which was its last`;
      }
    }
    return '';
  }

  /**
   * Whether a page that is left reaches a service.
   *
   * @param {Plan} plan
   * @param {{time: number, why: string}} over
   * @param {number} end when the start ended that it had spoken to
   */
  #isReached({by, to}, {time, why}, end) {
    if (end >= time + 1_000) return true;
    // What wakes a worker comes once: a start that ends in that moment takes it along.
    /** @param {{owner: string, time: number}} death */
    const isCutShort = ({owner, time: died}) => owner === to && died > time && died < time + 1_000;
    if ([...this.#deaths.values()].some(isCutShort)) return false;
    // Nobody starts a worker for a page that has crashed, nor if nobody had told it that the worker was stopped.
    const isTold = why !== 'crashed' && end < time - CALM && this.hasRegistry && !this.relaxed;
    // Its bridge can give one worker only what the page still says.
    const {lastWordsOfFrames, vendor} = this.#world.profile;
    const mayHandOver = lastWordsOfFrames && !vendor.startsWith('Apple');
    return isTold && mayHandOver && new Set(this.of(by).map(({plan}) => plan.to)).size === 1;
  }

  /** Without a registry nobody tells of a start's end, until a message is not confirmed. */
  hasRegistry = true;

  /** @param {Connection} connection */
  isUntold({over, served, isCut}) {
    const {why = '', time = 0} = over ?? {};
    // What a removed frame says at its end may be lost, and so may what the service says that has just been stopped.
    const end = this.#deaths.get(served)?.time ?? Infinity;
    if (why === CUT) return !this.#world.profile.lastWordsOfFrames && (served === '' || end < time + 1_000);
    if (isCut && !this.#world.profile.lastWordsOfFrames) return true;
    return !this.hasRegistry && /^(its start ended|unregistered|closed)$/.test(why);
  }

  /** @returns {string} who should have heard of an end by now, before anybody is there who would help */
  overdue() {
    for (const connection of this.connections.values()) {
      const {plan, client, service, over, isAnew} = connection;
      if (!over || isAnew || this.forgetful || connection.isSilent || this.isUntold(connection)) continue;
      for (const end of [client, service]) {
        if (!end.owed || end.closed || end.closes.length > 0 || !this.lives(end.owner)) continue;
        const took = this.#late(connection, !this.isSleeper(end.owner));
        if (took) return `${plan.id}: ${end.owner} did not hear close for ${took.toFixed()} ms: ${over.why}`;
      }
    }
    return '';
  }

  /** @returns {string} who has not heard of an end */
  unheard() {
    for (const connection of this.connections.values()) {
      const {plan, client, service, over, isAnew} = connection;
      if (!over || isAnew || this.forgetful || this.isUntold(connection)) continue;
      for (const end of [client, service]) {
        if (!end.owed || end.closed || !this.lives(end.owner)) continue;
        if (end.closes.length === 0)
          return `${plan.id}: ${end.owner} never heard close, the other end is over: ${over.why}`;
        const isHandled = end.closes.some(({start}) => end.closeHandled.has(start) || !this.#deaths.has(start));
        if (plan.slow && this.isSleeper(end.owner) && !isHandled)
          return `${plan.id}: ${end.owner} did not hear close again`;
      }
    }
    return '';
  }

  /** @type {(owner: string) => boolean} */
  lives = () => true;

  /**
   * @param {string} owner
   * @returns {string[]} the connections whose ports it has
   */
  portsOf(owner) {
    return this.open
      .filter(
        ({plan, isAnew}) =>
          !isAnew &&
          ((plan.by === owner && !plan.native) ||
            (plan.to === owner && plan.by !== owner && !/native|stash/.test(plan.how))),
      )
      .map(({plan}) => plan.id)
      .sort();
  }
}
