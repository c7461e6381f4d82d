// Compressed messages (RFC 7692) as a client sees them: npm's `ws`, which inflates
// and deflates by itself.

import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {after, before, test} from 'node:test';
import WebSocket from 'ws';

import {start} from './support/program.mjs';

const inTime = {timeout: 30_000};

let program;
before(async () => program = await start('troupe-echo', 0,
                                         ['--ws.enable-compression']));
after(() => program.endsWell());

async function connect(t, path, perMessageDeflate) {
  const url = program.url.replace(/^http/, 'ws') + path;
  const client = new WebSocket(url, {perMessageDeflate});
  t.after(() => client.terminate());
  client.messages = [];
  client.waiting = () => {};
  client.on('upgrade', ({headers}) => {
    client.answer = headers['sec-websocket-extensions'];
  });
  client.on('message', (data, isBinary) => {
    client.messages.push(isBinary ? data : data.toString());
    client.waiting();
  });
  await once(client, 'open');
  return client;
}

/** @returns the next message. */
async function next(client) {
  while (client.messages.length === 0)
    await new Promise(resolve => client.waiting = resolve);
  return client.messages.shift();
}

test('C13 npm ws agrees on compression', inTime, async t => {
  const client = await connect(t, '/echo', {threshold: 0});
  assert.equal(client.extensions, 'permessage-deflate');
  assert.equal((await connect(t, '/echo', false)).extensions, '');
});

test('C13 npm ws limits the window of the server', inTime, async t => {
  const noise = randomBytes(2000).toString('hex'); // Repeats after 4000 bytes.
  for (const serverMaxWindowBits of [9, 10, 12, 15]) {
    const options = {threshold: 0, serverMaxWindowBits};
    const client = await connect(t, '/echo', options);
    assert.match(client.answer,
                 new RegExp(`server_max_window_bits=${serverMaxWindowBits}$`));
    client.send(noise + noise); // It inflates the echo with this window.
    assert.equal(await next(client), noise + noise);
  }
  const options = {threshold: 0, serverMaxWindowBits: 8}; // zlib cannot.
  assert.equal((await connect(t, '/echo', options)).extensions, '');
});

test('C13 npm ws and the server read each other', inTime, async t => {
  const client = await connect(t, '/echo', {threshold: 0});
  for (const size of [0, 1, 255, 256, 5000, 65536]) {
    for (const message of ['x'.repeat(size), Buffer.alloc(size, 'troupe')]) {
      client.send(message);
      assert.deepEqual(await next(client), message);
    }
  }
});

test('C13 a broadcast reaches all kinds of members', inTime, async t => {
  const members = [];
  for (let i = 0; i < 50; ++i) {
    members.push(await connect(t, '/rooms/mixed', i % 3 > 0));
    members[i].send(`hello from ${i}`);
    while (await next(members[i]) !== `hello from ${i}`);
  }
  members[0].send('all here');
  for (const x of members)
    while (await next(x) !== 'all here');
  const texts = members.map((_, i) => `${i} ` + 'text '.repeat(i * 20));
  members.forEach((x, i) => x.send(texts[i]));
  let order;
  for (const x of members) {
    const got = [];
    for (let i = 0; i < members.length; ++i)
      got.push(await next(x));
    assert.deepEqual(got, order ??= got); // One order for all, and all of them.
  }
  assert.deepEqual(order.toSorted(), texts.toSorted());
});
