/** WebKit's driver keeps the console to itself: there, a page tells the harness what it writes to it. */
import {ask, describe, facts} from './harness.js';

if (facts.engine === 'webkit') {
  // A page that is being left can't tell; to report that would never end.
  const relay = (level, ...args) => ask('log', {level, text: args.join(' ')}).catch(() => {});
  for (const level of ['debug', 'log', 'info', 'warn', 'error']) {
    const native = console[level];
    console[level] = (...args) => {
      native.apply(console, args);
      relay(level, ...args);
    };
  }
  addEventListener('error', ({message, filename, lineno}) => relay('error', `${message} ${filename}:${lineno}`));
  addEventListener('unhandledrejection', ({reason}) => relay('error', describe(reason)));
}
