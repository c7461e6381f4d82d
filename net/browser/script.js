/** The client as a plain script that defines the global `Ws`. */

import {Ws} from './client.js';

globalThis.Ws = Ws;
