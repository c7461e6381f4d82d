/** What can be sent, and what is refused instead of being changed or lost. */

import {WsError, encode} from '../../net/browser/client.js';
import {equal, isNode, test, throws} from './support/harness.mjs';
import {recorder, scene} from './support/stage.mjs';

/** Refused, with a reason that names what it is. */
function refused(value, reason) {
  const error = throws(() => encode('e', value), TypeError);
  if (!reason.test(error.message))
    throw new Error(`the reason is: ${error.message}`);
}

// -- values -------------------------------------------------------------------

test('what JSON would empty is refused, at any depth', () => {
  class Group extends Map {}
  for (const [value, reason] of [
    [new Map([[1, 2]]), /Map/], [new Set([1]), /Set/], [new WeakMap(), /WeakMap/],
    [new Error('oh'), /Error/], [new TypeError('oh'), /Error/], [/x/, /RegExp/],
    [Promise.resolve(1), /Promise/], [new Blob(['x']), /Blob/], [new Group(), /Map/],
    [() => 1, /Function/], [async () => 1, /Function/], [Symbol('x'), /Symbol/],
    [2n ** 64n, /BigInt/], [(function f() {
      return arguments;
    })(1), /Arguments/],
  ]) {
    refused(value, reason);
    refused({deep: [{inside: value}]}, reason);
    refused({deep: [{inside: value}]}, /'inside'/);
  }
});

if (globalThis.File) // Node.js has it since version 20.
  test('files are refused', () => refused({photo: new File(['x'], 'x')}, /File.*'photo'/));

test('bytes inside of JSON are refused, whatever holds them', () => {
  for (const value of [Uint8Array.of(1), new ArrayBuffer(1), new DataView(new ArrayBuffer(1)),
                       Float32Array.of(1.5), ...isNode ? [Buffer.from('x')] : []]) {
    refused([value], /bytes/);
    refused({file: value}, /bytes.*'file'/);
  }
});

test('a gap in a list is refused; a member that is undefined is left out', () => {
  refused([1, undefined], /Undefined.*'1'/);
  refused([, 1], /Undefined/); // eslint-disable-line no-sparse-arrays
  equal(encode('e', {a: undefined, b: 1}), 'm:e;4;{"b":1}');
});

test('what has JSON of its own is sent by it', () => {
  class Point {
    x = 1;

    get y() {
      return 2;
    }
  }
  class Money {
    toJSON() {
      return {cents: 5};
    }
  }
  const bare = Object.assign(Object.create(null), {a: 1});
  for (const [value, json] of [
    [new Point(), '{"x":1}'], [new Money(), '{"cents":5}'], [[new Money()], '[{"cents":5}]'],
    [{at: new Date(0)}, '{"at":"1970-01-01T00:00:00.000Z"}'], [bare, '{"a":1}'],
    [[new String('x'), new Number(1), new Boolean(false)], '["x",1,false]'],
    [[null, NaN], '[null,null]'], [new URL('http://a.test/'), '"http://a.test/"'],
  ])
    equal(encode('e', value), `m:e;4;${json}`);
});

scene('an event without a name is refused', (stage) => {
  const ws = stage.connect();
  for (const name of [undefined, null, {}, () => 1, Symbol('x'), ''])
    throws(() => ws.emit(name, 'x'), TypeError);
  equal(stage.socket.sent, []);
});

scene('emit calls nobody back, and says so', (stage) => {
  const ws = stage.connect();
  throws(() => ws.emit('e', 1, () => 'done'), TypeError);
  throws(() => ws.emit('e', () => 'done'), TypeError);
  equal(stage.socket.sent, []);
});

scene('a message that would be taken for an event is refused', (stage) => {
  const ws = stage.connect();
  const bytes = new TextEncoder().encode('m:e;0;x');
  for (const x of ['m:e;0;x', 'm:', bytes, bytes.buffer])
    throws(() => ws.emitMessage(x), TypeError);
  for (const x of ['m', ' m:', 'x', '', new Uint8Array(0)])
    equal(ws.emitMessage(x), true);
  equal(stage.socket.sent, ['m', ' m:', 'x', '', new Uint8Array(0)]);
});

scene('a message is text, bytes or a blob', (stage) => {
  const ws = stage.connect();
  for (const x of [undefined, null, {}, [], new Map(), () => 1, Symbol('x')])
    throws(() => ws.emitMessage(x), TypeError);
  const blob = new Blob(['x']);
  for (const x of [1, true, 5n, 'x', blob])
    equal(ws.emitMessage(x), true);
  equal(stage.socket.sent.slice(0, -1), ['1', 'true', '5', 'x']);
  equal(stage.socket.sent.at(-1) === blob, true);
});

// -- sizes --------------------------------------------------------------------

scene('a message above the limit is dropped, and one is told', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect({maxMessageSize: 20});
  ws.onDrop(({why, event, data}) => note(why, event, data));
  equal(ws.emit('e', 'x'.repeat(14)), true); // With its head, 20 bytes.
  equal(ws.emit('e', 'x'.repeat(15)), false);
  equal(ws.emit('e', 'é'.repeat(8)), false); // As UTF-8.
  equal(ws.emitMessage(new Uint8Array(21)), false);
  equal(ws.emitMessage('😀'.repeat(5)), true);
  equal(log.map(([why]) => why), ['too_big', 'too_big', 'too_big']);
  equal(log[0][1], 'e');
  equal([stage.socket.sent.length, ws.dropped, ws.state], [2, 3, 'open']);
});

scene('the client comes back from 1009, to its rooms, without the message', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.on('e', (x) => note('heard', x));
  ws.onDisconnect(({code, isOver}) => note('end', code, isOver));
  ws.onDrop(({why, event}) => note('dropped', why, event));
  ws.join('#lobby');
  ws.emit('big', 'x'.repeat(1000));
  ws.emit('small', 'x');
  stage.socket.end(1009, 'too big');
  equal(ws.state, 'waiting');
  stage.pass(500);
  stage.socket.open();
  equal(stage.socket.sent, ['m:join;0;#lobby']);
  stage.socket.receive('m:e;1;1');
  equal(ws.emit('big', 'x'.repeat(1000)), false); // Now its size is known to be too much.
  equal(ws.emit('big', 'x'.repeat(999)), true);
  equal(log, [['end', 1009, false], ['heard', 1], ['dropped', 'too_big', 'big']]);
});

scene('what is kept and too big does not bring the client down for ever', (stage) => {
  const ws = stage.connect();
  ws.keep('profile', 'x'.repeat(1000));
  ws.join('#lobby');
  stage.socket.end(1009);
  stage.pass(1000);
  stage.socket.open();
  equal(stage.socket.sent, ['m:join;0;#lobby']);
  equal([ws.dropped, ws.state], [1, 'open']);
});

// -- now or never -------------------------------------------------------------

scene('a volatile event does not wait', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial();
  ws.onDrop(note);
  const typing = () => ws.emit('typing', true, {volatile: true});
  equal(typing(), false);
  stage.socket.open();
  equal(typing(), true);
  stage.socket.bufferedAmount = 1_000_000; // The network is slow.
  equal(typing(), false);
  equal(ws.emit('say', 'x'), true);
  stage.socket.bufferedAmount = 0;
  equal(typing(), true);
  equal([stage.socket.sent.length, log, ws.dropped, ws.queued], [3, [], 0, 0]);
});

scene('one sees how much has not gone out', (stage) => {
  const ws = stage.dial();
  ws.emit('e', 'four');
  equal(ws.bufferedAmount, 10);
  stage.socket.open();
  equal(ws.bufferedAmount, 0);
  stage.socket.bufferedAmount = 77;
  equal(ws.bufferedAmount, 77);
});

scene('events need neither TextEncoder nor TextDecoder', (stage) => {
  const {log, note} = recorder();
  const coders = ['TextEncoder', 'TextDecoder'].map(
    (x) => [x, Object.getOwnPropertyDescriptor(globalThis, x)]);
  coders.forEach(([x]) => delete globalThis[x]);
  try {
    const ws = stage.dial();
    ws.onAny((event, data) => note([event, data]));
    ws.emit('é', ['€', '😀']);
    stage.socket.open();
    stage.socket.receive('m:é;0;😀');
    equal(stage.socket.sent, ['m:é;4;["€","😀"]']);
    equal([log, ws.state], [[['é', '😀']], 'open']);
  } finally {
    coders.forEach(([x, descriptor]) => Object.defineProperty(globalThis, x, descriptor));
  }
});

scene('what is refused at the limit of a name is counted in bytes', (stage) => {
  const ws = stage.connect();
  equal(ws.emit('😀'.repeat(63) + 'abc'), true); // 255
  for (const name of ['😀'.repeat(64), '€'.repeat(86), 'é'.repeat(128), '\ud800'.repeat(86)])
    throws(() => ws.emit(name), TypeError);
  equal(new WsError('closed', 'x').kind, 'closed');
});
