/** What the client does with messages of version 2, by the vectors of servers. */

import {equal, read} from './support/harness.mjs';
import {meet} from './support/protocol2.mjs';
import {recorder, scene} from './support/stage.mjs';

const vectors = JSON.parse(await read('data/protocol2_vectors.json'));
const fromHex = (x) => Uint8Array.from(x.match(/../g) ?? [], (y) => parseInt(y, 16)).buffer;

for (const x of vectors.filter((y) => y.error || ['event', 'raw', 'request', 'answer', 'error',
                                                  'change'].includes(y.kind)))
  scene(`takes ${x.name}`, (stage) => take(stage, x));

/** Hands one message to a client that has asked what it may be the answer to. */
async function take(stage, {text, hex, kind, id, room, event, code, error}) {
  const {log, note} = recorder();
  const ws = meet(stage);
  ws.onError((x) => note('error', x.kind));
  ws.onAny((name, data, x) => note('event', name, x));
  ws.onMessage(() => note('raw'));
  ws.onRequest(event ?? '', (_, x) => void note('request', event, x));
  if (kind === 'change' && room !== undefined)
    ws.room(room).onChange((x) => note('change', x));
  if (/^(answer|error)$/.test(kind) && id !== 0) {
    ws._dialect.calls.last = (id ?? 1) - 1;
    ws.request('x').then(() => note('answer'), (x) => note('error', x.kind));
  }
  stage.socket.sent.length = 0;
  stage.socket.receive(hex === undefined ? text : fromHex(hex));
  await stage.settle();
  const reply = stage.socket.sent.map((x) => x.split(';', 2).join(';'))[0];
  if (error === 'unknown')
    equal(log, []);
  else if (error)
    equal(log.filter((x) => x[0] !== 'error'), []);
  if (kind === 'request' && error)
    equal(reply, id === undefined ? undefined : `x${id};malformed`);
  // Payloads are read at once, and some do not match their tags.
  if (error || log[0]?.[1] === 'invalid_value' || /;invalid$/.test(reply))
    return;
  const expected = {event: ['event', event, room], raw: 'raw', request: ['request', event, room],
                    answer: 'answer', error: ['error', code], change: ['change', code]};
  equal(log, [expected[kind]]);
}
