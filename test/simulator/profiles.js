/** What engines do differently, as far as the product has to care. */

/**
 * @typedef {object} Profile
 * @property {string} name
 * @property {string} userAgent
 * @property {string} vendor
 * @property {number} idle how long a service worker without events runs, in milliseconds
 * @property {boolean} keptByWindows a window of its origin keeps an idle one awake
 * @property {number} longestExtension how long `waitUntil` may take
 * @property {boolean} knowsOwnWorker there is `self.serviceWorker`
 * @property {boolean} knowsItselfLate its registration may not show it as installing, or as active, before it hears of that
 * @property {boolean} replacedLivesOn a worker that has been replaced runs on for a moment
 * @property {boolean} unregisteredLivesOn so does one whose registration was removed
 * @property {number} lateListing how late registrations are listed right after a stop
 * @property {boolean} endedHandedOut a SharedWorker that has ended is handed out as long as anybody holds on to it
 * @property {boolean} workersInSharedWorkers they can make dedicated ones
 * @property {boolean} hidesMissingScripts that a SharedWorker has none does not always fire `error`
 * @property {boolean} containerInWorkers there is `navigator.serviceWorker` in workers of every kind
 * @property {boolean} listsServiceWorkers a service worker is among its own clients
 * @property {boolean} tellsSharedWorkers `Client.postMessage` reaches them
 * @property {boolean} leavesTransactions one that has been committed and has not begun, of a worker that ends, blocks
 * @property {number} longestName of a lock
 * @property {boolean} queriesInPartitions `locks.query()` works there
 * @property {boolean} closedPortsHear a port that was closed may hear a message that was posted before
 * @property {boolean} broadcastsEvict a broadcast ends a page in the back/forward cache; where it does not, it waits
 * @property {boolean} remembersFailedImports a module that failed to load fails for ever
 * @property {boolean} locksHinderCache a page that holds a lock does not enter the back/forward cache
 * @property {boolean} lastWordsOfFrames what a removed frame posts at its end arrives
 * @property {boolean} partitionsByOrigin storage is partitioned by the top level's origin rather than its site
 */

/** @type {Record<string, Profile>} */
export const profiles = {
  chromium: {
    name: 'chromium',
    userAgent: 'Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36',
    vendor: 'Google Inc.',
    idle: 30_000,
    keptByWindows: false,
    longestExtension: 300_000,
    knowsOwnWorker: true,
    knowsItselfLate: false,
    replacedLivesOn: false,
    unregisteredLivesOn: false,
    lateListing: 30,
    endedHandedOut: false,
    workersInSharedWorkers: false,
    hidesMissingScripts: true,
    containerInWorkers: false,
    listsServiceWorkers: false,
    tellsSharedWorkers: false,
    leavesTransactions: false,
    longestName: Infinity,
    queriesInPartitions: true,
    closedPortsHear: false,
    broadcastsEvict: true,
    remembersFailedImports: false,
    locksHinderCache: false,
    lastWordsOfFrames: true,
    partitionsByOrigin: false,
  },
  firefox: {
    name: 'firefox',
    userAgent: 'Mozilla/5.0 Gecko/20100101 Firefox/153.0',
    vendor: '',
    idle: 31_000,
    keptByWindows: false,
    longestExtension: 65_700,
    knowsOwnWorker: false,
    knowsItselfLate: true,
    replacedLivesOn: false,
    unregisteredLivesOn: true,
    lateListing: 0,
    endedHandedOut: true,
    workersInSharedWorkers: true,
    hidesMissingScripts: false,
    containerInWorkers: true,
    listsServiceWorkers: true,
    tellsSharedWorkers: true,
    leavesTransactions: false,
    longestName: Infinity,
    queriesInPartitions: false,
    closedPortsHear: true,
    broadcastsEvict: true,
    remembersFailedImports: true,
    locksHinderCache: true,
    lastWordsOfFrames: false,
    partitionsByOrigin: false,
  },
  webkit: {
    name: 'webkit',
    userAgent: 'Mozilla/5.0 AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15',
    vendor: 'Apple Computer, Inc.',
    idle: 10_000,
    keptByWindows: true,
    longestExtension: 300_000,
    knowsOwnWorker: true,
    knowsItselfLate: false,
    replacedLivesOn: true,
    unregisteredLivesOn: true,
    lateListing: 0,
    endedHandedOut: false,
    workersInSharedWorkers: false,
    hidesMissingScripts: false,
    containerInWorkers: true,
    listsServiceWorkers: false,
    tellsSharedWorkers: true,
    leavesTransactions: true,
    longestName: 1_024,
    queriesInPartitions: true,
    closedPortsHear: false,
    broadcastsEvict: false,
    remembersFailedImports: false,
    locksHinderCache: false,
    lastWordsOfFrames: true,
    partitionsByOrigin: true,
  },
};

/**
 * An engine, or one that no seed has seen: each of its quirks any engine's.
 *
 * @param {import('./scheduler.js').Random} random
 * @returns {Profile}
 */
export function drawProfile(random) {
  const engines = Object.values(profiles);
  if (random.chance(0.7)) return random.of(engines);
  const {userAgent, ...rest} = random.of(engines);
  const mixed = {...rest, userAgent, name: 'mixed'};
  for (const quirk of /** @type {const} */ ([
    'lateListing',
    'endedHandedOut',
    'replacedLivesOn',
    'unregisteredLivesOn',
  ])) {
    /** @type {any} */ (mixed)[quirk] = random.of(engines)[quirk];
  }
  // Or else it could not know that it has been replaced.
  mixed.replacedLivesOn &&= mixed.knowsOwnWorker;
  return mixed;
}
