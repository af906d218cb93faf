/** The rows that hold in every kind of global. */
import '../cases/connect-messages.test.js';
import '../cases/connect-outcomes.test.js';
import '../cases/match-ports.test.js';
import './basics.test.js';
