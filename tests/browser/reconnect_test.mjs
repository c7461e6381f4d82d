/** Coming back, and what waits meanwhile. */

import {equal, throws} from './support/harness.mjs';
import {FakeSocket, recorder, scene} from './support/stage.mjs';

/** Loses the connection and tells how long the client waits. */
function waits(stage, ws, code) {
  stage.socket.end(code);
  return ws.retryAt - stage.now;
}

// -- when ---------------------------------------------------------------------

scene('C63 waits double, with full jitter, up to the longest', (stage) => {
  for (const [random, expected] of [
    [1, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]],
    [0.5, [250, 500, 1000, 2000, 4000, 8000, 15000, 15000]],
    [0, [0, 0, 0, 0, 0, 0, 0, 0]],
  ]) {
    stage.random = random;
    const ws = stage.dial();
    const seen = expected.map(() => {
      const wait = waits(stage, ws);
      const before = stage.dialed;
      stage.pass(wait - 1);
      equal(stage.dialed, before);
      stage.pass(1);
      equal(stage.dialed, before + 1);
      return wait;
    });
    equal(seen, expected);
    ws.close();
    stage.socket.end();
  }
});

scene('C63 the waits are the page\'s choice', (stage) => {
  stage.random = 1;
  const ws = stage.dial({reconnect: {minDelay: 10, maxDelay: 25}});
  const seen = [1, 2, 3].map(() => {
    const wait = waits(stage, ws);
    stage.pass(wait);
    return wait;
  });
  equal(seen, [10, 20, 25]);
});

scene('C63 waits begin anew only after a connection that lasted', (stage) => {
  stage.random = 1;
  const ws = stage.dial();
  const lasts = (span) => {
    stage.socket.open();
    stage.pass(span);
    const wait = waits(stage, ws);
    stage.pass(wait);
    return wait;
  };
  equal([0, 100, 4999, 5000, 0].map(lasts), [500, 1000, 2000, 500, 1000]);
});

scene('C63 a server that asks for a pause gets one', (stage) => {
  for (const code of [1012, 1013]) {
    const ws = stage.connect();
    stage.random = 0;
    equal(waits(stage, ws, code), 5000);
    ws.reconnect();
    stage.socket.open();
    stage.random = 1;
    equal(waits(stage, ws, code), 30_000);
    ws.close();
  }
  stage.connect({reconnect: {maxDelay: 100}});
  stage.socket.end(1012);
  stage.pass(100);
  equal(stage.socket.readyState, 0);
});

scene('C63 the close code tells whether to come back', (stage) => {
  for (const [code, again] of [
    [1000, false], [1001, true], [1002, false], [1003, false], [1005, false],
    [1006, true], [1007, false], [1008, false], [1009, false], [1011, true],
    [1012, true], [1013, true], [3000, false], [4999, false],
  ]) {
    const ws = stage.connect();
    stage.socket.end(code);
    equal(ws.state, again ? 'waiting' : 'closed', code);
    equal(ws.retryAt > 0, again, code);
    ws.close();
  }
});

scene('C63 the page may judge by itself', (stage) => {
  const {log, note} = recorder();
  const again = (end) => {
    note(end);
    return end.code === 4000 && end.attempts < 1;
  };
  const ws = stage.connect({reconnect: {again}});
  stage.socket.end(4000, 'come back');
  equal(ws.state, 'waiting');
  stage.pass(1000);
  stage.socket.end(4000, 'come back');
  equal(ws.state, 'closed');
  equal(log, [{code: 4000, reason: 'come back', wasClean: true, attempts: 0},
              {code: 4000, reason: 'come back', wasClean: true, attempts: 1}]);
});

scene('C63 reconnect: false', (stage) => {
  const ws = stage.connect({reconnect: false});
  stage.socket.end();
  equal(ws.state, 'closed');
  equal(stage.timers.size, 0);
});

scene('C63 who disconnects is not brought back', (stage) => {
  for (const before of ['connecting', 'open', 'waiting']) {
    const {log, note} = recorder();
    const ws = stage.dial();
    if (before !== 'connecting')
      stage.socket.open();
    if (before === 'waiting')
      stage.socket.end();
    equal(ws.state, before);
    ws.onDisconnect(({code, isOver}) => note(code, isOver));
    ws.Disconnect();
    ws.Disconnect();
    if (before !== 'waiting')
      stage.socket.end(); // Whatever the code is.
    equal(log, [[before === 'waiting' ? 1000 : 1006, true]], before);
    equal(stage.timers.size, 0, before);
    equal(ws.state, 'closed');
  }
});

scene('C63 an attempt that gets no answer has failed', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial({connectTimeout: 3000});
  ws.onMessage(note);
  const {socket} = stage;
  stage.pass(2999);
  equal(ws.state, 'connecting');
  stage.pass(1);
  equal(ws.state, 'waiting');
  equal(socket.readyState, 2);
  const {retryAt} = ws;
  stage.random = 1;
  socket.open(); // Too late.
  socket.receive('raw');
  socket.end();
  equal([ws.state, ws.retryAt, log], ['waiting', retryAt, []]);
  stage.pass(500);
  stage.socket.open();
  stage.pass(60_000);
  equal(ws.state, 'open');
  equal(stage.dialed, 2);
});

scene('C63 a loss is told once, however often coming back fails, and the end', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial();
  ws.onDisconnect(({code, isOver}) => note(code, isOver));
  const fail = (code) => stage.pass(waits(stage, ws, code));
  [1006, 1006, 1006].forEach(fail);
  equal(log.splice(0), [[1006, false]]);
  stage.socket.open();
  [1011, 1006, 1006].forEach(fail);
  equal(log.splice(0), [[1011, false]]);
  stage.socket.end(1008);
  equal(log, [[1008, true]]);
});

scene('C63 the page may connect at once: from a wait, a dead connection, the end', (stage) => {
  const ws = stage.connect();
  stage.socket.end();
  ws.reconnect();
  equal([ws.state, stage.dialed, ws.retryAt], ['connecting', 2, 0]);
  stage.pass(5000); // The wait is over, too.
  equal(stage.dialed, 2);
  const dead = stage.socket.open();
  ws.reconnect();
  equal([ws.state, stage.dialed, dead.readyState], ['connecting', 3, 2]);
  dead.end();
  stage.socket.open();
  ws.close();
  stage.socket.end(1000);
  ws.reconnect();
  stage.socket.open();
  equal([ws.state, stage.dialed], ['open', 4]);
});

scene('C63 a page that reconnects when it is told of the loss has one connection', (stage) => {
  const ws = stage.connect();
  ws.onDisconnect(() => ws.reconnect());
  stage.socket.end();
  equal([ws.state, stage.dialed], ['connecting', 2]);
  const sockets = [stage.socket.open()];
  ws.reconnect(); // The listener has done it already.
  sockets.push(...FakeSocket.all.slice(2, -1));
  equal(sockets.map((x) => x.readyState), [2, 2]);
  stage.socket.open();
  equal(stage.timers.size, 0);
  stage.pass(60_000);
  equal(ws.state, 'open');
});

// -- what the page asked for --------------------------------------------------

scene('C63 rooms are joined again, before anything else', (stage) => {
  const ws = stage.dial();
  equal(ws.join('#early'), true);
  ws.emit('chat', 'waits');
  ws.onConnect(() => ws.emit('hello'));
  stage.socket.open();
  const first = ['m:join;0;#early', 'm:chat;0;waits', 'm:hello;0;'];
  equal(stage.socket.sent, first);
  ws.join('#lobby');
  ws.join('#tea');
  ws.join('#lobby'); // Twice is once, later on.
  ws.leave('#early');
  equal(stage.socket.sent.slice(3), ['m:join;0;#lobby', 'm:join;0;#tea', 'm:join;0;#lobby',
                                     'm:leave;0;#early']);
  stage.socket.end();
  ws.leave('#tea'); // Nothing to say: the next connection never was there.
  stage.pass(500);
  stage.socket.open();
  equal(stage.socket.sent, ['m:join;0;#lobby', 'm:hello;0;']);
});

scene('C63 an event is kept until it is replaced or forgotten', (stage) => {
  const ws = stage.connect({joinEvent: 'enter', leaveEvent: 'exit'});
  ws.keep('nick', 'Ann');
  ws.keep('nick', 'Anna');
  ws.keep('watch', {id: 1}, 'watch 1');
  ws.keep('watch', {id: 2}, 'watch 2');
  ws.join('nick');
  ws.leave('nick');
  ws.forget('watch 1');
  equal(stage.socket.sent.slice(-2), ['m:enter;0;nick', 'm:exit;0;nick']);
  stage.socket.end();
  stage.pass(500);
  stage.socket.open();
  equal(stage.socket.sent, ['m:nick;0;Anna', 'm:watch;4;{"id":2}']);
  throws(() => ws.keep('no;name'), TypeError);
  throws(() => ws.keep('function', () => 1), TypeError);
});

// -- what waits ---------------------------------------------------------------

scene('C63 what waits is sent in order, once', (stage) => {
  const ws = stage.connect();
  stage.socket.end();
  for (const x of [1, 'two', null])
    equal(ws.emit('e', x), true);
  const bytes = Uint8Array.of(1, 2);
  ws.emit('e', bytes);
  ws.emitMessage(bytes);
  bytes[0] = 9; // Ours by now.
  equal(ws.queued, 5);
  stage.pass(500);
  equal(stage.socket.sent, []);
  stage.socket.open();
  const utf8 = (x) => [...new TextEncoder().encode(x)];
  equal(stage.socket.sent, ['m:e;1;1', 'm:e;0;two', 'm:e;4;null',
                            Uint8Array.from([...utf8('m:e;3;'), 1, 2]), Uint8Array.of(1, 2)]);
  equal(ws.queued, 0);
  stage.socket.end();
  stage.pass(500);
  stage.socket.open();
  equal(stage.socket.sent, []);
});

scene('C63 what is emitted while the connection closes waits for the next', (stage) => {
  const ws = stage.connect();
  const {socket} = stage;
  socket.readyState = 2; // The other side's close frame is here.
  equal(ws.emit('e', 1), true);
  socket.end(1001);
  stage.pass(500);
  stage.socket.open();
  equal([socket.sent, stage.socket.sent], [[], ['m:e;1;1']]);
});

scene('C63 the queue is bounded, and one sees what it refuses', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial({maxQueue: {messages: 2}});
  equal(['a', 'b', 'c', 'c'].map((x) => ws.emit('e', x)), [true, true, false, false]);
  equal([ws.queued, ws.dropped], [2, 2]);
  equal(stage.warnings.length, 1); // Nobody listens.
  ws.onDrop(note);
  equal([ws.emit('e', 'd'), ws.emitMessage('raw')], [false, false]);
  equal(log, [{why: 'full', event: 'e', data: 'd'},
              {why: 'full', event: undefined, data: 'raw'}]);
  equal([ws.dropped, stage.warnings.length], [4, 1]);
  stage.socket.open();
  equal(stage.socket.sent, ['m:e;0;a', 'm:e;0;b']);
  equal(ws.emit('e', 'e'), true); // Does not wait.
  stage.socket.end();
  equal(ws.emit('e', 'f'), true); // There is room again.
});

scene('C63 the queue is bounded in bytes, as UTF-8', (stage) => {
  const ws = stage.dial({maxQueue: {bytes: 20}});
  equal(ws.emitMessage('é'.repeat(10)), true);
  equal(ws.emitMessage('x'), false);
  const other = stage.dial({maxQueue: {bytes: 20}});
  equal(other.emitMessage('é'.repeat(11)), false);
  equal(other.emitMessage(new ArrayBuffer(19)), true);
  equal(other.emitMessage('xx'), false);
  equal(other.emitMessage('x'), true);
});

scene('C63 by default a thousand messages wait, and a mebibyte', (stage) => {
  const ws = stage.dial();
  for (let i = 0; i < 1000; ++i)
    equal(ws.emit('e', i), true);
  equal(ws.emit('e', 1000), false);
  const other = stage.dial();
  equal(other.emitMessage('x'.repeat(1024 * 1024)), true);
  equal(other.emitMessage('x'), false);
});

scene('C63 what waits when it is over is dropped, and so is what follows', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial();
  ws.onDrop(({why, data}) => note(why, data));
  ws.emit('e', 1);
  ws.emit('e', 2);
  stage.socket.end(1008);
  equal(log.splice(0), [['closed', 1], ['closed', 2]]);
  equal(ws.emit('e', 3), false);
  equal(log, [['closed', 3]]);
  equal([ws.queued, ws.dropped], [0, 3]);
});

scene('C63 a page that disconnects sends nothing more', (stage) => {
  const ws = stage.connect();
  ws.Disconnect();
  equal(ws.Emit('e', 1), false);
  equal(stage.socket.sent, []);
});
