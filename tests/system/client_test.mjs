/** The client under Node.js, with real servers, and how servers hand it out. */

import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {test} from 'node:test';
import {promisify} from 'node:util';
import vm from 'node:vm';
import {gzipSync} from 'node:zlib';

import WebSocket from 'ws';

import {Ws} from '../../net/browser/client.js';
import {start} from './support/program.mjs';

const patient = {timeout: 60_000};
const quick = {minDelay: 20, maxDelay: 200};

/** A client that is closed at the end of the test, and what it was told. */
function connect(t, server, path, options) {
  const ws = new Ws(server.url.replace('http', 'ws') + path, null,
                    {WebSocket, reconnect: quick, ...options});
  t.after(() => ws.close());
  return ws;
}

/** @returns the next values that `add` is told, one by one */
function inbox(add) {
  const values = [];
  const waiting = [];
  add((x) => waiting.length > 0 ? waiting.shift()(x) : values.push(x));
  return () => values.length > 0 ? Promise.resolve(values.shift())
                                 : new Promise((resolve) => waiting.push(resolve));
}

test('C63 comes back when the server does, to its rooms, with what waited', patient, async (t) => {
  const server = await start('troupe-chat');
  const ws = connect(t, server, '/chat');
  const ends = inbox((f) => ws.onDisconnect(f));
  const rooms = inbox((f) => ws.on('room', (x) => f(x.name)));
  // Rooms answer in an order of their own.
  const sorted = async (...names) =>
    assert.deepEqual((await Promise.all(names.map(rooms))).sort(), names);
  ws.keep('nick', {nick: 'Alice', key: 'key'});
  ws.join('#lobby');
  ws.join('#tea');
  await ws.ready;
  await sorted('#lobby', '#tea');

  await server.endsWell();
  const {code, isOver} = await ends();
  assert.deepEqual([code, isOver], [1001, false]);
  assert.equal(ws.emit('join', '#waited'), true);

  const again = await start('troupe-chat', server.port);
  t.after(() => again.stop());
  await sorted('#lobby', '#tea', '#waited');
  await ws.ready;
});

test('C63 C64 a value of each type comes back as it went', patient, async (t) => {
  // This server takes our events for raw messages and sends them back.
  const server = await start('troupe-echo', 0, ['--ws.event-prefix=other:']);
  t.after(() => server.stop());
  const ws = connect(t, server, '/echo');
  const values = inbox((f) => ws.on('e', f));
  for (const x of ['', 'é;😀', 0, -7, 2 ** 53 - 1, 2n ** 62n, true, false, null, 1.5, 2 ** 60,
                   [1, 'two'], {a: {b: null}}, new Uint8Array(0), Uint8Array.of(0, 255, 59)]) {
    assert.equal(ws.emit('e', x), true);
    assert.deepStrictEqual(await values(), x);
  }
  const raw = inbox((f) => ws.onMessage(f));
  for (const x of ['', 'text', Uint8Array.of(1, 255)]) {
    ws.emitMessage(x);
    assert.deepStrictEqual(await raw(), x);
  }
});

test('C63 finds the built-in WebSocket, and lets Node.js end', patient, async (t) => {
  const server = await start('troupe-echo', 0, ['--ws.event-prefix=other:']);
  t.after(() => server.stop());
  const {stdout} = await promisify(execFile)(process.execPath, [
    '--experimental-websocket', // On by default since version 22.
    '--input-type=module', '-e', `
      import {Ws} from '${new URL('../../net/browser/client.js', import.meta.url)}';
      const ws = new Ws('${server.url}/echo');
      ws.on('e', (x) => {
        console.log(x);
        ws.close();
      });
      await ws.ready;
      ws.emit('e', Uint8Array.of(7));`]);
  assert.equal(stdout, 'Uint8Array(1) [ 7 ]\n');
});

test('C63 a close that is final stays final', patient, async (t) => {
  const server = await start('troupe-echo');
  t.after(() => server.stop());
  const ws = connect(t, server, '/echo');
  await ws.ready;
  const end = inbox((f) => ws.onDisconnect(f));
  ws._link.socket.send(Buffer.of(0xff), {binary: false}); // No UTF-8.
  const {code, isOver} = await end();
  assert.deepEqual([code, isOver, ws.state], [1007, true, 'closed']);
  await assert.rejects(ws.ready, {kind: 'closed'});
  ws.reconnect();
  await ws.ready;
  ws.close(4000, 'bye');
  const last = await end();
  assert.deepEqual([last.code, last.isOver], [4000, true]);
});

test('comes back from a message that was too big, to its rooms', patient, async (t) => {
  const server = await start('troupe-chat');
  t.after(() => server.stop());
  const ws = connect(t, server, '/chat');
  const ends = inbox((f) => ws.onDisconnect(f));
  const rooms = inbox((f) => ws.on('room', (x) => f(x.name)));
  ws.keep('nick', {nick: 'Alice', key: 'key'});
  ws.join('#lobby');
  assert.equal(await rooms(), '#lobby');
  assert.equal(ws.emitMessage('x'.repeat(65_537)), true);
  const {code, isOver} = await ends();
  assert.deepEqual([code, isOver], [1009, false]);
  assert.equal(await rooms(), '#lobby');
  assert.equal(ws.emitMessage('x'.repeat(65_537)), false);
  assert.equal(ws.state, 'open');
});

test('notices a server that is frozen, and comes back to it', patient, async (t) => {
  const server = await start('troupe-echo', 0, ['--ws.event-prefix=other:']);
  t.after(() => server.stop('SIGKILL'));
  const ws = connect(t, server, '/echo', {idleTimeout: 1000, connectTimeout: 500});
  await ws.ready;
  for (let i = 0; i < 4; ++i)
    await once(ws._link.socket, 'pong');
  assert.equal(ws.state, 'open');
  const ends = inbox((f) => ws.onDisconnect(f));
  server.signal('SIGSTOP');
  const since = Date.now();
  const {code, reason} = await ends();
  assert.deepEqual([code, reason], [1006, 'no sign of life']);
  const took = Date.now() - since;
  assert.ok(took < 1900, `after ${took} ms`);
  assert.equal(ws.emit('e', 1), true);
  server.signal('SIGCONT');
  assert.equal(await ws.once('e'), 1);
});

test('C63 nobody listens: it keeps trying, and ready waits', patient, async (t) => {
  const server = await start('troupe-echo');
  await server.stop();
  const ws = connect(t, server, '/echo');
  const states = inbox((f) => ws.onState(f));
  for (const x of ['waiting', 'connecting', 'waiting', 'connecting', 'waiting'])
    assert.equal(await states(), x);
  const again = await start('troupe-echo', server.port);
  t.after(() => again.stop());
  await ws.ready;
});

test('C63 C2 a server sends the client with type, ETag and prefix', patient, async (t) => {
  const prefix = '</script>\u2028"';
  const server = await start('troupe-compat', 0, [`--ws.event-prefix=${prefix}`]);
  t.after(() => server.stop());
  for (const path of ['/iris-ws.js', '/troupe.mjs']) {
    const answer = await fetch(server.url + path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
    const source = await answer.text();
    assert.doesNotMatch(source, /<\/script|\u2028/);
    const etag = answer.headers.get('etag');
    const cached = await fetch(server.url + path, {headers: {'If-None-Match': etag}});
    assert.deepEqual([cached.status, await cached.text()], [304, '']);
    const head = await fetch(server.url + path, {method: 'HEAD'});
    assert.deepEqual([head.headers.get('etag'), await head.text()], [etag, '']);
    // Another prefix is another script.
    const other = await start('troupe-compat');
    const theirs = await fetch(other.url + path);
    assert.notEqual(theirs.headers.get('etag'), etag);
    const size = gzipSync(await theirs.text(), {level: 9}).length;
    assert.ok(size <= 8192, `${path} has ${size} bytes`);
    await other.stop();
  }

  // The script defines one global, and may be loaded twice.
  const sent = [];
  class Socket {
    readyState = 1;
    send = (x) => sent.push(x);
    close() {}
  }
  const page = {WebSocket: Socket, TextEncoder, TextDecoder, URL, setTimeout, clearTimeout};
  const names = Object.keys(page);
  vm.createContext(page);
  const script = await (await fetch(`${server.url}/iris-ws.js`)).text();
  vm.runInContext(script, page);
  vm.runInContext(script, page);
  assert.deepEqual(Object.keys(page).sort(), [...names, 'Ws'].sort());
  page.Socket = class extends Socket {
    constructor() {
      super();
      page.socket = this;
    }
  };
  page.prefix = prefix;
  page.heard = [];
  vm.runInContext(`const ws = new Ws('ws://x/', null, {WebSocket: Socket});
                   ws.On('e', (x) => heard.push(x));
                   ws.Emit('e', 'x');
                   socket.onopen();
                   socket.onmessage({data: prefix + 'e;1;007'});
                   ws.Disconnect();
                   socket.onclose({code: 1000});`, page);
  assert.deepEqual(sent, [`${prefix}e;0;x`]);
  assert.deepEqual(page.heard, ['007']); // The app chose legacy_strings.
});
