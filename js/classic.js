/** The classic form: a script tag or `importScripts` is all it takes. */
// Modules are strict; esbuild makes a script of them that is not, unless told.
'use strict';
import {install} from './install.js';

install(/** @type {HTMLScriptElement | null | undefined} */ (globalThis.document?.currentScript)?.src);
