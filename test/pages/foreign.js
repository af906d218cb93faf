/** Messages as nobody of ours posts them, for every listener of ours. */

/** An application's own: those who hear them must hear them as they are. */
export const foreign = [
  null,
  undefined,
  0,
  '',
  'hello',
  [],
  [['nested']],
  {},
  {type: 'connect'},
  {type: 'hello', navigatorConnect: '1'},
  {type: 'ready', version: 1},
  {navigatorConnect: {}},
  new Date(0),
  new Map([['type', 'hello']]),
];

/** Types of ours with fields that are missing, or of the wrong type. */
export const malformed = [
  ...[
    'hello',
    'connect',
    'serve',
    'leave',
    'offer',
    'close',
    'introduce',
    'answer',
    'snapshot',
    'resume',
    'wake',
    'begun',
    'busy',
    'buried',
    'x',
  ],
].flatMap((type) => [
  {navigatorConnect: 1, type},
  {navigatorConnect: 0, type},
  {navigatorConnect: NaN, type, version: 1},
  {
    navigatorConnect: 1,
    type,
    context: 1,
    connection: {},
    client: null,
    attempt: 'x',
    targetURL: 7,
    origin: [],
    kind: 2,
  },
  {
    navigatorConnect: 1,
    type,
    context: '',
    connection: '',
    client: -1,
    attempt: -1,
    targetURL: 'http://[',
    kind: 'window',
  },
]);
