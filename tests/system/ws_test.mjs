// The WebSocket endpoints as a client sees them: npm's `ws`.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, test} from 'node:test';
import WebSocket from 'ws';

import {start} from './support/program.mjs';

// What takes no time at all may take this long on a busy machine.
const inTime = {timeout: 30_000};

const largest = 65536; // ws.max-message-size

let program;
before(async () => program = await start(
  'troupe-echo', 0,
  // As above: this machine may be busy with handshakes, too.
  ['--http.request-timeout=30s', '--ws.handshake-timeout=30s']));
after(() => program.endsWell());

/** What a client has received, one by one. */
class Inbox {
  #messages = [];
  #waiting = [];

  constructor(client) {
    client.on('message', (data, isBinary) => {
      const message = isBinary ? data : data.toString();
      const next = this.#waiting.shift();
      next ? next(message) : this.#messages.push(message);
    });
  }

  async next() {
    return this.#messages.length > 0
      ? this.#messages.shift()
      : new Promise(resolve => this.#waiting.push(resolve));
  }
}

/** Opens a WebSocket which is cut at the end of the test `t`. */
async function connect(t, path, protocols, options, to = program) {
  const url = to.url.replace(/^http/, 'ws') + path;
  const client = new WebSocket(url, protocols, {...to.trust, ...options});
  t.after(() => client.terminate());
  client.inbox = new Inbox(client);
  client.code = once(client, 'close').then(([code]) => code);
  client.code.catch(() => {}); // Whom it concerns will await it.
  await once(client, 'open');
  return client;
}

/** @returns the clients, each of them in the room for sure. */
async function enter(t, room, count) {
  const people = [];
  for (let i = 0; i < count; ++i)
    people.push(await connect(t, `/rooms/${room}`));
  for (const [i, x] of people.entries()) {
    x.send(`hello from ${i}`);
    while (await x.inbox.next() !== `hello from ${i}`);
  }
  people[0].send('all here');
  for (const x of people)
    while (await x.inbox.next() !== 'all here');
  return people;
}

test('echoes text and binary messages byte for byte', inTime, async t => {
  const client = await connect(t, '/echo');
  const sizes = [0, 1, 125, 126, 127, 65535, largest];
  const messages = ['ünïcödé ☃ 😀 \0', ...sizes.map(n => 'x'.repeat(n)),
                    ...sizes.map(n => Buffer.alloc(n, '\xff\0\x80', 'latin1'))];
  for (const message of messages)
    client.send(message);
  for (const message of messages) {
    const echo = await client.inbox.next();
    // Not deepEqual: the words about two such messages fill screens.
    assert.ok(typeof echo === typeof message
              && Buffer.from(echo).equals(Buffer.from(message)),
              `${message.length} in, ${echo.length} out`);
  }
});

test('echoes fragments as one message', inTime, async t => {
  const client = await connect(t, '/echo');
  for (const part of ['one ', '', 'two '])
    client.send(part, {fin: false});
  client.send('three', {fin: true});
  assert.equal(await client.inbox.next(), 'one two three');
});

test('negotiates no compression', inTime, async t => {
  const offer = {perMessageDeflate: {threshold: 0}};
  const client = await connect(t, '/echo', [], offer);
  assert.equal(client.extensions, '');
  client.send('x'.repeat(5000));
  assert.equal(await client.inbox.next(), 'x'.repeat(5000));
});

test('selects no subprotocol', inTime, async t => {
  await assert.rejects(connect(t, '/echo', ['chat']),
                       /Server sent no subprotocol/);
});

test('answers pings with their payload', inTime, async t => {
  const client = await connect(t, '/echo');
  for (const payload of ['', 'x', 'p'.repeat(125)]) {
    client.ping(payload);
    const [pong] = await once(client, 'pong');
    assert.equal(pong.toString(), payload);
  }
});

test('sends to a room what its members say, in one order', inTime, async t => {
  const people = await enter(t, 'x', 5);
  const count = 40;
  for (let i = 0; i < count; ++i)
    people.forEach((x, who) => x.send(`${who} ${i}`));
  const heard = await Promise.all(people.map(async x => {
    const all = [];
    while (all.length < count * people.length)
      all.push(await x.inbox.next());
    return all;
  }));
  for (const x of heard)
    assert.deepEqual(x, heard[0]);
  for (const who of people.keys()) {
    const said = Array.from({length: count}, (_, i) => `${who} ${i}`);
    assert.deepEqual(heard[0].filter(x => x.startsWith(`${who} `)), said);
  }
});

test('answers a close with its code', inTime, async t => {
  for (const [answer, ...said] of [[1000, 1000, 'bye'], [1001, 1001],
                                   [3000, 3000, 'ünï'],
                                   [4999, 4999, 'x'.repeat(123)], [1000]]) {
    const client = await connect(t, '/echo');
    client.close(...said);
    assert.equal(await client.code, answer);
  }
});

test('closes on what it does not take', inTime, async t => {
  for (const [send, code] of [
    [x => x.send('x'.repeat(largest + 1)), 1009],
    [x => x.send(Buffer.from([0xff]), {binary: false}), 1007],
    [x => x.send('x', {mask: false}), 1002],
  ]) {
    const client = await connect(t, '/echo');
    send(client);
    assert.equal(await client.code, code);
  }
});

test('refuses handshakes', inTime, async t => {
  for (const [path, origin, status] of [['/echo', 'http://evil.example', 403],
                                        ['/nowhere', undefined, 404]])
    await assert.rejects(connect(t, path, [], {origin}),
                         new RegExp(`Unexpected server response: ${status}`));
});

test('serves many clients', inTime, async t => {
  const clients = await Promise.all(Array.from({length: 200},
                                               () => connect(t, '/echo')));
  for (const [i, x] of clients.entries())
    x.send(`I am ${i}`);
  for (const [i, x] of clients.entries())
    assert.equal(await x.inbox.next(), `I am ${i}`);
});

test('says 1001 when it stops', inTime, async t => {
  const another = await start('troupe-echo');
  t.after(() => another.stop('SIGKILL'));
  const clients = [await connect(t, '/echo', [], {}, another),
                   await connect(t, '/rooms/x', [], {}, another)];
  assert.equal(await another.stop('SIGINT'), 0);
  for (const x of clients)
    assert.equal(await x.code, 1001);
});
