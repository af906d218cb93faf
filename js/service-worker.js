/** The classic form for service workers, which `classic.js` imports there. */
'use strict';
import {installServiceWorker} from './install-service-worker.js';

installServiceWorker();
