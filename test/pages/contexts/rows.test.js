/** The rows that hold in every kind of global. */
import '../cases/connect-messages.test.js';
import '../cases/connect-outcomes.test.js';
import '../cases/idl.test.js';
import '../cases/install-worker.test.js';
import '../cases/limits-bounds.test.js';
import '../cases/many-messages.test.js';
import '../cases/match-activation.test.js';
import '../cases/match-ports.test.js';
import '../cases/offline.test.js';
import '../cases/refused-alike.test.js';
import '../cases/unreachable.test.js';
import './basics.test.js';
