/** A module service worker that runs the cases of basics.test.js; it can import nothing later. */
import './installed.js';
import './basics.test.js';
import './run-when-told.js';
