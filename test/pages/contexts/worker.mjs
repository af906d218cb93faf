/** A module worker, dedicated or shared, that runs the cases. */
import './installed.js';

import('./run.js').then(({begin}) => begin());
