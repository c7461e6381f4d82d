/** Dialogues of version 2 of the protocol between the client and a real server. */

import {test} from 'node:test';

import WebSocket from 'ws';

import {Ws} from '../../net/browser/client.js';
import {DIALOGUES, Speaker} from './support/dialogue.mjs';
import {start} from './support/program.mjs';

for (const [name, steps] of Object.entries(DIALOGUES))
  test(`the ${name} dialogue is as written`, {timeout: 60_000}, async (t) => {
    const server = await start('troupe-dialogue-probe');
    t.after(() => server.stop());
    const ws = new Ws(`ws://127.0.0.1:${server.port}/dialogue`, null, {WebSocket, protocol: 2});
    t.after(() => ws.close());
    await ws.ready;
    await new Speaker(ws).play(steps);
  });
