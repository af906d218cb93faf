/** The classic form: a script tag or `importScripts` is all it takes. */
// Modules are strict; esbuild makes a script of them that is not, unless told.
'use strict';
import {scriptURL} from './document.js';
import {importServiceWorker} from './import-service-worker.js';
import {installClient} from './install-client.js';

if ('ServiceWorkerGlobalScope' in globalThis) importServiceWorker();
else installClient(scriptURL());
