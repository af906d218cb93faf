/** The module form, installed before what is imported next is evaluated. */
import {install} from '/.well-known/navigator-connect/navigator-connect.mjs';

install();
