/** A service worker that runs the cases of itself.test.js. */
import './installed.js';
import './itself.test.js';
import './run-when-told.js';
