/** Version 2 of the protocol: docs/protocol-2.md. */

import {WsError} from '../../net/browser/client.js';
import {equal} from './support/harness.mjs';
import {HELLO, again, meet, outcome, sent} from './support/protocol2.mjs';
import {recorder, scene} from './support/stage.mjs';

// -- hello --------------------------------------------------------------------

scene('the hello comes first, and what waits after the answer', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial({protocol: 2}, ['mine']);
  ws.onConnect(() => note(ws.session.id));
  ws.keep('nick', 'Ann');
  ws.emit('e', 1);
  equal(stage.socket.protocols, [['troupe.2', 'mine']]);
  stage.socket.open('troupe.2');
  equal([ws.state, ws.session, stage.socket.sent], ['connecting', null, ['h{"v":2}']]);
  stage.socket.receive(HELLO);
  equal([ws.state, log], ['open', ['7@a']]);
  equal(sent(stage), ['e;nick;0;Ann', 'e;e;1;1']);
  equal([ws.session.limits.message, ws.session.beat], [100, 25000]);
  stage.socket.end();
  equal(ws.session, null);
});

scene('credentials are in the hello, new ones for each connection', async (stage) => {
  let count = 0;
  stage.dial({protocol: 2, auth: async () => ({token: ++count})});
  for (let i = 1; i <= 2; ++i) {
    await stage.settle();
    stage.socket.open('troupe.2');
    equal(stage.socket.sent, [`h{"v":2,"auth":{"token":${i}}}`]);
    stage.socket.end();
    stage.pass(1000);
  }
});

scene('a right is renewed before it ends', async (stage) => {
  let count = 0;
  const ws = stage.dial({protocol: 2, auth: async () => ++count});
  await stage.settle();
  stage.socket.open('troupe.2').sent.length = 0;
  stage.socket.receive('h{"v":2,"id":"7@a","until":60000}');
  stage.pass(29_999);
  await stage.settle();
  equal(stage.socket.sent, []);
  stage.pass(1);
  await stage.settle();
  equal(stage.socket.sent, ['h{"v":2,"auth":2}']);
  stage.socket.receive('h{"v":2,"id":"7@a","until":90000}');
  equal([ws.state, ws.session.until], ['open', 90000]);
  stage.pass(60_000);
  await stage.settle();
  equal(stage.socket.sent.length, 2);
});

scene('credentials that cannot be got are asked for again', async (stage) => {
  let isBad = false;
  const {log, note} = recorder();
  const ws = stage.dial({protocol: 2, auth: async () => {
    if (isBad)
      throw new RangeError('no network');
    return 'x';
  }});
  ws.onError((x) => note(x.message));
  await stage.settle();
  stage.socket.open('troupe.2').sent.length = 0;
  stage.socket.receive('h{"v":2,"id":"7@a","until":60000}');
  isBad = true;
  stage.pass(30_000);
  await stage.settle();
  equal([log, stage.socket.sent], [['no network'], []]);
  isBad = false;
  stage.pass(5000);
  await stage.settle();
  equal(stage.socket.sent, ['h{"v":2,"auth":"x"}']);
});

scene('a client that is refused is told, and does not come back', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial({protocol: 2});
  ws.onError((x) => note(x.kind, x.message));
  ws.onAdvice((x) => note(x.why));
  ws.onDisconnect(({code, isOver}) => note(code, isOver));
  ws.emit('secret');
  stage.socket.open('troupe.2');
  stage.socket.receive('x0;refused;0;who are you?');
  stage.socket.receive('s{"again":false,"after":0,"window":0,"why":"refused"}');
  stage.socket.end(1008);
  equal(log, [['refused', 'who are you?'], 'refused', [1008, true]]);
  equal(stage.socket.sent, ['h{"v":2}']);
});

scene('a server without version 2 is an attempt that failed', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial({protocol: 2});
  ws.onError((x) => note(x.kind));
  const socket = stage.socket.open('');
  equal([log, ws.state, socket.readyState], [['protocol'], 'waiting', 2]);
});

scene('a server that says no hello has not answered', (stage) => {
  const ws = stage.dial({protocol: 2, connectTimeout: 3000});
  stage.socket.open('troupe.2');
  stage.pass(3000);
  equal(ws.state, 'waiting');
});

// -- events -------------------------------------------------------------------

scene('events and raw messages of version 2', (stage) => {
  const {log, note} = recorder();
  const ws = meet(stage);
  ws.on('said', (x) => note('said', x));
  ws.onMessage((x) => note('raw', x));
  ws.onAny((event, data, room) => note(event, room));
  ws.room('tea').on('said', (x) => note('tea', x));
  stage.socket.receive('e;said;0;a;b');
  stage.socket.receive('e#tea;said;4;{"x":1}');
  stage.socket.receive('e#other;said;1;1');
  stage.socket.receive('rm:chat;0;x');
  stage.socket.receive(new TextEncoder().encode('r\xff').buffer);
  equal(log, [['said', undefined], ['said', 'a;b'], ['said', 'tea'], ['tea', {x: 1}],
              ['said', 'other'], ['raw', 'm:chat;0;x'], ['raw', new TextEncoder().encode('\xff')]]);
  ws.emit('e', {a: 1});
  ws.emit('bytes', Uint8Array.of(1));
  ws.emitMessage('m:is fine here');
  ws.emitMessage(Uint8Array.of(7));
  const bytes = new TextEncoder();
  equal(sent(stage).map((x) => typeof x === 'string' ? x : [...x]),
        ['e;e;4;{"a":1}', [...bytes.encode('e;bytes;3;'), 1], 'rm:is fine here',
         [...bytes.encode('r'), 7]]);
});

scene('C11 messages of every kind can be binary', async (stage) => {
  const {log, note} = recorder();
  const say = (x) => stage.socket.receive(new TextEncoder().encode(x).buffer);
  const ws = stage.dial({protocol: 2});
  stage.socket.open('troupe.2');
  say(HELLO);
  equal(ws.state, 'open');
  ws.on('said', (x) => note(x));
  ws.onError((x) => note(x.kind));
  ws.onRequest('add', ([a, b]) => a + b);
  const sum = ws.request('sum');
  sent(stage);
  for (const x of ['.', 'a1;1;3', 'e;said;0;hi', 'x0;refused;0;no', 'q1;;add;4;[1,2]', 'ytea;joined;',
                   's{"again":true,"why":"restart"}'])
    say(x);
  await stage.settle();
  equal([await sum, log, sent(stage)], [3, ['hi', 'refused'], ['a1;1;3']]);
  equal([ws.room('tea').state, ws._link.advice.why], ['in', 'restart']);
});

scene('the limit of the server is kept', (stage) => {
  const {log, note} = recorder();
  const ws = meet(stage);
  ws.onDrop(({why}) => note(why));
  equal([ws.emit('e', 'x'.repeat(95)), ws.emit('e', 'x'.repeat(94))], [false, true]);
  equal(log, ['too_big']);
});

scene('what is unknown or wrong is ignored', (stage) => {
  const {log, note} = recorder();
  const ws = meet(stage);
  ws.onError((x) => note(x.kind));
  for (const x of ['o#tea;1;said;0;x', 'd#tea;{}', '.', '', 'Z', '__proto__', 'constructor'])
    stage.socket.receive(x);
  equal(log, []);
  for (const x of ['e', 'e;', 'eroom;a;0;x', 'e#;a;0;x', 'a', 'a07;0;x', 'x1;No;0;', 'y;joined;', 's[]',
                   'h{', 'e#%20;a;0;x'])
    stage.socket.receive(x);
  equal([log.length, ws.state], [11, 'open']);
  stage.socket.receive('s{"again":true}');
  equal(ws.state, 'open');
});

// -- requests -----------------------------------------------------------------

scene('a request is answered', async (stage) => {
  const ws = meet(stage);
  const sum = ws.request('add', [1, 2]);
  const name = ws.request('name');
  equal(sent(stage), ['q1;;add;4;[1,2]', 'q2;;name;0;']);
  stage.socket.receive('a2;0;Ann');
  stage.socket.receive('a1;1;3');
  stage.socket.receive('a1;1;4'); // Too late.
  stage.socket.receive('a9;1;4'); // Never asked.
  equal([await sum, await name], [3, 'Ann']);
  equal([stage.timers.size <= 1, ws._dialect.calls.all.size], [true, 0]);
});

scene('a request is refused, with the code and the words of the server', async (stage) => {
  const ws = meet(stage);
  const first = ws.request('add').catch((x) => x);
  const second = ws.request('add').catch((x) => x);
  stage.socket.receive('x1;no_handler;0;nobody adds');
  stage.socket.receive('x2;too_fast;4;{"message":"slowly","after":500}');
  const [a, b] = [await first, await second];
  equal([a instanceof WsError, a.kind, a.message], [true, 'no_handler', 'nobody adds']);
  equal([b.kind, b.message, b.after], ['too_fast', 'slowly', 500]);
});

scene('a request fails that gets no answer in time', async (stage) => {
  const ws = meet(stage);
  const slow = ws.request('slow');
  const quick = ws.request('quick', 1, {timeout: 50});
  stage.pass(50);
  equal([await outcome(stage, slow), await outcome(stage, quick)], ['pending', 'timeout']);
  stage.pass(9950);
  equal(await outcome(stage, slow), 'timeout');
});

scene('a request can be given up', async (stage) => {
  const ws = meet(stage);
  const control = new AbortController();
  const asked = ws.request('slow', 1, {signal: control.signal});
  control.abort();
  equal(await outcome(stage, asked), 'aborted');
  equal(await outcome(stage, ws.request('slow', 1, {signal: control.signal})), 'aborted');
  equal(sent(stage), ['q1;;slow;1;1']);
});

scene('a request that was sent before a loss may have been handled', async (stage) => {
  const ws = meet(stage);
  const asked = ws.request('pay');
  stage.socket.end();
  equal(await outcome(stage, asked), 'unknown_outcome');
  const waits = ws.request('pay', 'again');
  const late = ws.request('pay', 'too late', {timeout: 100});
  stage.pass(1000);
  stage.socket.open('troupe.2');
  stage.socket.receive(HELLO);
  equal(sent(stage), ['q2;;pay;0;again']);
  equal(await outcome(stage, late), 'timeout');
  stage.socket.receive('a2;2;true');
  equal(await waits, true);
});

scene('a request that cannot be sent fails at once', async (stage) => {
  const ws = meet(stage);
  equal(await outcome(stage, ws.request('big', 'x'.repeat(200))), 'too_big');
  equal(await outcome(stage, ws.request('map', new Map())), 'TypeError');
  stage.socket.end();
  const waits = ws.request('e');
  ws.close();
  equal(await outcome(stage, waits), 'gone');
  equal(await outcome(stage, ws.request('e')), 'gone');
  equal(await outcome(stage, stage.connect().request('e')), 'TypeError'); // Of version 1.
});

scene('a request of the server is answered', async (stage) => {
  const ws = meet(stage);
  ws.onError(() => {});
  ws.onRequest('add', ([a, b]) => a + b);
  ws.onRequest('later', async (x, room) => ({x, room}));
  ws.onRequest('nothing', () => {});
  ws.onRequest('refuses', () => {
    throw new WsError('too_dark', 'no light');
  });
  ws.onRequest('fails', () => {
    throw new RangeError('secret');
  });
  ws.onRequest('map', () => new Map());
  const remove = ws.onRequest('gone', () => 1);
  remove();
  for (const x of ['q1;;add;4;[1,2]', 'q2;#tea;later;1;7', 'q3;;nothing;0;', 'q4;;refuses;0;',
                   'q5;;fails;0;', 'q6;;map;0;', 'q7;;gone;0;', 'q8;;add;1;x', 'q9;;;0;x', 'q10;;'])
    stage.socket.receive(x);
  await stage.settle();
  equal(sent(stage).sort((x, y) => parseInt(x.slice(1)) - parseInt(y.slice(1)))
      .map((x) => x.replace(/^(x\d+;\w+;0;).*/, '$1')),
        ['a1;1;3', 'a2;4;{"x":7,"room":"tea"}', 'a3;0;', 'x4;too_dark;0;', 'x5;failed;0;',
         'x6;failed;0;', 'x7;no_handler;0;', 'x8;invalid;0;', 'x9;malformed;0;', 'x10;malformed;0;']);
});

scene('an answer goes to the connection that asked, or nowhere', async (stage) => {
  const ws = meet(stage);
  let answer;
  ws.onRequest('slow', () => new Promise((resolve) => answer = resolve));
  stage.socket.receive('q1;;slow;0;');
  again(stage);
  answer('late');
  await stage.settle();
  equal(sent(stage), []);
});

// -- signs of life and advice -------------------------------------------------

scene('a server that is silent is asked, and then given up', (stage) => {
  const ws = meet(stage);
  const {socket} = stage;
  stage.pass(29_000);
  socket.receive('.');
  equal(socket.sent.slice(1), []);
  stage.pass(30_000);
  equal(socket.sent.slice(1), ['?']);
  socket.receive('.');
  stage.pass(29_000);
  stage.happens('online');
  equal(socket.sent.slice(1), ['?', '?']);
  stage.pass(5000);
  equal([ws.state, socket.readyState], ['waiting', 2]);
});

scene('advice tells when to come back, and whether', (stage) => {
  for (const [random, wait] of [[0, 2000], [1, 12_000]]) {
    const ws = meet(stage);
    stage.random = random;
    stage.socket.receive('s{"again":true,"after":2000,"window":10000,"why":"restart"}');
    stage.socket.end(1012);
    equal([ws.state, ws.retryAt - stage.now], ['waiting', wait]);
    stage.happens('online');
    equal(ws.retryAt - stage.now, 2000);
    ws.close();
  }
  const ws = meet(stage);
  stage.socket.receive('s{"again":false,"after":0,"window":0,"why":"closed"}');
  stage.socket.end(1001);
  equal(ws.state, 'closed');
  const other = meet(stage);
  stage.socket.receive('s{"again":true,"after":0,"window":0,"why":"expired"}');
  stage.socket.end(1008);
  equal(other.state, 'waiting');
});
