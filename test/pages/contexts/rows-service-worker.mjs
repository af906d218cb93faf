/** A module service worker that runs the cases of rows.test.js; it can import nothing later. */
import './installed.js';
import './rows.test.js';
import './run-when-told.js';
