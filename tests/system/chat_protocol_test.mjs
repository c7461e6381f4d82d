/** The sample chat with clients other than its page. */

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {start} from './support/program.mjs';

let server;
before(async () => server = await start('troupe-chat'));
after(() => server?.endsWell());

test('a client without manners harms nobody', {timeout: 60_000}, async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/chat`);
  await once(socket, 'open');
  const heard = [];
  socket.on('message', (x) => heard.push(x.toString()));
  const refusals = async (n) => {
    while (heard.filter((x) => x.startsWith('m:refused;')).length < n)
      await once(socket, 'message', {signal: AbortSignal.timeout(20_000)});
    return heard.filter((x) => x.startsWith('m:refused;'));
  };
  const nonsense = [
    'raw', 'm:', 'm:say', 'm:say;4;{', 'm:say;4;[]', 'm:say;4;null',
    'm:say;4;{"room":1,"text":2,"id":3}', 'm:say;9;x', 'm:join;4;{}',
    'm:nick;0;me', 'm:nick;4;{"nick":{},"key":[]}', 'm:whisper;1;7',
    // Well-formed, but from nobody.
    'm:join;0;lobby',
    'm:say;4;{"room":"#lobby","text":"x","id":"12345678"}',
    'm:say;4;{"room":"","text":"x","id":"12345678"}',
    'm:say;4;{"room":"#lobby","text":"x","id":"<b>"}',
    'm:whisper;4;{"to":"Alice","text":"x","id":"12345678"}',
    Buffer.from('m:join;0;\xff\xfe', 'latin1'),
    Buffer.from([0, 1, 2, 255]),
  ];
  for (const x of nonsense)
    socket.send(x);
  await refusals(nonsense.length);

  // No end of it: told for a while, then sent away.
  const closed = once(socket, 'close');
  for (let i = 0; i < 400; ++i)
    socket.send('m:join;0;');
  const [code] = await closed;
  assert.equal(code, 1008);
});

test('who comes into a talk misses nothing of it', {timeout: 60_000}, async () => {
  const url = `${server.url.replace('http', 'ws')}/chat`;
  const clients = [];
  /** Joins a room and notes the ids of its messages, history first. */
  const join = async (nick) => {
    const socket = new WebSocket(url);
    clients.push(socket);
    const heard = {history: null, live: [], socket};
    const isIn = new Promise((resolve) => socket.on('message', (x) => {
      const [, name, body] = /^m:([^;]+);4;([^]*)$/.exec(x) ?? [];
      if (name === 'message') {
        heard.live.push(JSON.parse(body).id);
      } else if (name === 'room') {
        heard.history = JSON.parse(body).messages.map((y) => y.id);
        resolve(heard);
      }
    }));
    await once(socket, 'open');
    socket.send(`m:nick;4;${JSON.stringify({nick, key: ''})}`);
    socket.send('m:join;0;talk');
    return isIn;
  };
  const first = await join('first');
  const speakers = await Promise.all(
    Array.from({length: 20}, (_, i) => join(`speaker ${i}`)));
  const latecomers = [];
  await Promise.all(speakers.map(async ({socket}, i) => {
    for (let k = 0; k < 30; ++k) {
      socket.send('m:say;4;' + JSON.stringify(
        {room: '#talk', text: 'word', id: `message-${i}-${k}`}));
      if (k % 10 === 5)
        latecomers.push(await join(`latecomer ${i} ${k}`));
    }
  }));
  const patient = {signal: AbortSignal.timeout(30_000)};
  while (first.live.length < 600)
    await once(first.socket, 'message', patient);
  const last = 'message-the-last';
  first.socket.send(`m:say;4;${JSON.stringify({room: '#talk', text: '!', id: last})}`);
  const all = [first, ...speakers, ...latecomers];
  for (const x of all)
    while (x.live.at(-1) !== last)
      await once(x.socket, 'message', patient);

  assert.equal(first.live.length, 601);
  assert.equal(latecomers.length, 60);
  for (const {history, live} of all) {
    // On a slow machine much may be heard before the history comes.
    const known = new Set(live);
    const heard = [...history.filter((x) => !known.has(x)), ...live];
    assert.deepEqual(heard, first.live.slice(-heard.length));
  }
  for (const x of clients)
    x.close();
  await Promise.all(clients.map((x) => once(x, 'close')));
});
