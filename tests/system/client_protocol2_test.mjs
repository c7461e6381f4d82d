/** Version 2 of the client with real servers, under Node.js. */

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {test} from 'node:test';

import WebSocket from 'ws';

import {Ws} from '../../net/browser/client.js';
import {start} from './support/program.mjs';

const patient = {timeout: 60_000};

/** A client of version 2 at the echo server. */
function connect(t, server, options) {
  const ws = new Ws(`${server.url}/echo`, null, {
    WebSocket, protocol: 2, reconnect: {minDelay: 20, maxDelay: 200}, ...options});
  t.after(() => ws.close());
  return ws;
}

test('a server of version 2 says its limits, and echoes', patient, async (t) => {
  const server = await start('troupe-echo');
  t.after(() => server.stop());
  const ws = connect(t, server);
  await ws.ready;
  assert.equal(ws.protocol, 'troupe.2');
  assert.equal(ws.session.limits.message, 65_536);
  assert.ok(ws.session.beat > 0);
  const heard = new Promise((resolve) => ws.onMessage(resolve));
  ws.emitMessage('hello');
  assert.equal(await heard, 'hello');
  assert.equal(ws.emitMessage('x'.repeat(65_537)), false); // It knows the limit.
  await assert.rejects(ws.request('nobody', 1), {kind: 'no_handler'});
  await assert.rejects(ws.room('closed').join(), {kind: 'refused'});
  const beat = once(ws._link.socket, 'message');
  ws._dialect.ask();
  assert.equal(String((await beat)[0]), '.');
});

test('a server of version 2 that stops gives advice, and the client returns', patient, async (t) => {
  const server = await start('troupe-echo');
  const ws = connect(t, server);
  await ws.ready;
  const advice = new Promise((resolve) => ws.onAdvice(resolve));
  const lost = new Promise((resolve) => ws.onDisconnect(resolve));
  await server.endsWell();
  assert.equal((await advice).again, true);
  const {code, isOver} = await lost;
  assert.deepEqual([code, isOver], [1001, false]);
  const again = await start('troupe-echo', server.port);
  t.after(() => again.stop());
  await ws.ready;
});

test('a server of version 2 that is frozen is noticed', patient, async (t) => {
  const server = await start('troupe-echo');
  t.after(() => server.stop('SIGKILL'));
  const ws = connect(t, server, {idleTimeout: 1000, connectTimeout: 500});
  await ws.ready;
  const lost = new Promise((resolve) => ws.onDisconnect(resolve));
  server.signal('SIGSTOP');
  assert.equal((await lost).reason, 'no sign of life');
  server.signal('SIGCONT');
  await ws.ready;
});
