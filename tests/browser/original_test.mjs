/**
 * The original's class, and each fault that its client had: what is here was
 * seen to fail there.
 */

import {Ws} from '../../net/browser/client.js';
import {equal, isNode} from './support/harness.mjs';
import {recorder, scene} from './support/stage.mjs';

// -- what must stay as it was -------------------------------------------------

scene('C63 a page written for the original works unchanged', (stage) => {
  const {log, note} = recorder();
  const ws = new Ws('ws://other.test/echo');
  ws.OnConnect(() => note('connected'));
  ws.OnDisconnect(() => note('disconnected'));
  ws.OnMessage((x) => note('raw', x));
  ws.On('chat', (x) => note('chat', x));
  equal(stage.socket.url, 'ws://other.test/echo');
  equal(stage.socket.protocols, []);
  stage.socket.open();
  ws.Emit('chat', 'hello');
  ws.EmitMessage('raw');
  equal(stage.socket.sent, ['m:chat;0;hello', 'raw']);
  stage.socket.receive('m:chat;0;hi;there');
  stage.socket.receive('plain');
  stage.socket.receive('m:other;0;x');
  ws.Disconnect();
  equal(stage.socket.closed.length, 2);
  stage.socket.end(1000);
  equal(log, ['connected', ['chat', 'hi;there'], ['raw', 'plain'], 'disconnected']);
});

scene('C63 protocols go on as they are, and not at all if there are none', (stage) => {
  for (const [protocols, expected] of [
    ['a', ['a']], [['a', 'b'], [['a', 'b']]], [[], []], [null, []], [undefined, []],
  ]) {
    const ws = stage.dial({}, protocols);
    equal(stage.socket.protocols, expected);
    equal(ws.protocol, '');
  }
  equal(stage.connect({}, ['a', 'b']).protocol, '');
  const ws = stage.dial({}, ['a', 'b']);
  stage.socket.open('b');
  equal(ws.protocol, 'b');
});

scene('C63 OnConnect comes at once if the connection is there', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.OnConnect(() => note('late'));
  equal(log, ['late']);
});

scene('C63 OnConnect within OnConnect comes once', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial();
  ws.OnConnect(() => ws.OnConnect(() => note('inner')));
  stage.socket.open();
  equal(log, ['inner']);
});

scene('C63 listeners are called in order, the same one as often as it was added', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const again = (x) => note('again', x);
  ws.On('e', again);
  ws.On('e', (x) => note('other', x));
  ws.On('e', again);
  stage.socket.receive('m:e;1;1');
  equal(log, [['again', 1], ['other', 1], ['again', 1]]);
});

scene('C63 a prefix of the server\'s choice', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect({eventPrefix: 'iris-websocket-message:'});
  ws.On('chat', (x) => note('chat', x));
  ws.OnMessage((x) => note('raw', x));
  ws.Emit('chat', 'hello');
  equal(stage.socket.sent, ['iris-websocket-message:chat;0;hello']);
  stage.socket.receive('iris-websocket-message:chat;0;hi');
  stage.socket.receive('m:chat;0;hi');
  equal(log, [['chat', 'hi'], ['raw', 'm:chat;0;hi']]);
});

// -- the faults ---------------------------------------------------------------

/** What `Emit` sends. */
const emitted = (stage, ...data) => {
  const ws = stage.connect();
  ws.Emit('e', ...data);
  return stage.socket.sent[0];
};

scene('C63 fault: strings that look like numbers were sent as integers', (stage) => {
  for (const text of ['007', '1.5', ' ', '1e3', '0x10', '-5', 'Infinity', '\n'])
    equal(emitted(stage, text), `m:e;0;${text}`);
});

scene('C63 fault: true, fractions and dates were sent as integers', (stage) => {
  equal(emitted(stage, true), 'm:e;2;true');
  equal(emitted(stage, false), 'm:e;2;false');
  equal(emitted(stage, 1.5), 'm:e;4;1.5');
  equal(emitted(stage, new Date(0)), 'm:e;4;"1970-01-01T00:00:00.000Z"');
  equal(emitted(stage, []), 'm:e;4;[]');
  equal(emitted(stage, [7]), 'm:e;4;[7]');
});

scene('C63 fault: Emit with null threw', (stage) => {
  equal(emitted(stage, null), 'm:e;4;null');
  equal(emitted(stage), 'm:e;0;');
});

scene('C63 fault: listeners got the text, whatever the type', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.On('e', note);
  for (const x of ['0;x', '0;5', '1;5', '2;false', '4;{"a":[1]}', '4;null', '1;'])
    stage.socket.receive(`m:e;${x}`);
  equal(log, ['x', '5', 5, false, {a: [1]}, null, null]);
});

scene('C63 legacyStrings restores the texts', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect({legacyStrings: true});
  ws.On('e', note);
  for (const x of ['0;x', '1;5', '2;false', '4;{"a":[1]}', '4;null'])
    stage.socket.receive(`m:e;${x}`);
  equal(log, ['x', '5', 'false', '{"a":[1]}', 'null']);
});

scene('C63 fault: the prefix was found anywhere', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.On('e', (x) => note('event', x));
  ws.OnMessage((x) => note('raw', x));
  stage.socket.receive('see m:e;0;x');
  stage.socket.receive(' m:e;0;x');
  stage.socket.receive('m:e;0;m:e;0;x');
  equal(log, [['raw', 'see m:e;0;x'], ['raw', ' m:e;0;x'], ['event', 'm:e;0;x']]);
});

scene('C63 fault: an event whose name is in its prefix was cut wrongly', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect({eventPrefix: 'e;:'});
  ws.On('e', note);
  stage.socket.receive('e;:e;0;text');
  equal(log, ['text']);
});

scene('C63 fault: binary messages threw', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  equal(stage.socket.binaryType, 'arraybuffer');
  ws.On('e', (x) => note('event', x));
  ws.OnMessage((x) => note('raw', x));
  const bytes = (...x) => Uint8Array.from(x).buffer;
  const utf8 = (x) => new TextEncoder().encode(x).buffer;
  stage.socket.receive(utf8('m:e;0;text'));
  stage.socket.receive(utf8('m:e;1;7'));
  stage.socket.receive(bytes(0x6d, 0x3a, 0x65, 0x3b, 0x33, 0x3b, 0, 255));
  stage.socket.receive(bytes(1, 2, 255));
  equal(log, [['event', 'text'], ['event', 7], ['event', Uint8Array.of(0, 255)],
              ['raw', Uint8Array.of(1, 2, 255)]]);
  ws.EmitMessage(bytes(1, 2));
  equal(stage.socket.sent, [Uint8Array.of(1, 2)]);
});

/** A test on a page like this; a browser has but the page it is on. */
function onPage(href, name, f) {
  const page = new URL(href);
  if (!isNode && location.origin !== page.origin)
    return;
  scene(name, (stage) => {
    if (isNode)
      globalThis.location = page;
    try {
      f(stage, (endpoint) => {
        new Ws(endpoint);
        return stage.socket.url;
      });
    } finally {
      if (isNode)
        delete globalThis.location;
    }
  });
}

onPage('https://troupe.test/', 'C63 fault: no wss on a page of https', (stage, url) => {
  for (const [endpoint, expected] of [
    ['troupe.test/echo', 'wss://troupe.test/echo'],
    ['news.test:8080/echo', 'wss://news.test:8080/echo'], // Has "ws" in it.
    ['localhost:8080/echo', 'wss://localhost:8080/echo'],
    ['/echo', 'wss://troupe.test/echo'],
    ['//other.test/echo', 'wss://other.test/echo'],
    ['https://other.test/echo', 'wss://other.test/echo'],
    ['http://other.test/echo', 'ws://other.test/echo'],
    // What pages of the original say, and no browser lets them.
    ['ws://troupe.test/echo?x=1', 'wss://troupe.test/echo?x=1'],
    ['ws://localhost:8080/echo', 'ws://localhost:8080/echo'],
    ['wss://other.test/echo', 'wss://other.test/echo'],
  ])
    equal(url(endpoint), expected, endpoint);
});

onPage('http://troupe.test/', 'C63 a page of http uses ws', (stage, url) => {
  for (const [endpoint, expected] of [
    ['troupe.test/echo', 'ws://troupe.test/echo'],
    ['/echo', 'ws://troupe.test/echo'],
    ['ws://troupe.test/echo', 'ws://troupe.test/echo'],
    ['wss://troupe.test/echo', 'wss://troupe.test/echo'],
    ['HTTPS://other.test/echo', 'wss://other.test/echo'],
  ])
    equal(url(endpoint), expected, endpoint);
});

scene('C63 fault: no reconnect', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.OnConnect(() => note('connected'));
  ws.OnDisconnect(() => note('disconnected'));
  stage.socket.end();
  stage.pass(500);
  equal(stage.dialed, 2);
  stage.socket.open();
  ws.Emit('e', 1);
  equal(stage.socket.sent, ['m:e;1;1']);
  equal(log, ['connected', 'disconnected', 'connected']);
});

scene('C63 fault: Emit before the connection is there threw', (stage) => {
  const ws = stage.dial();
  equal(ws.Emit('e', 1), true);
  equal(ws.EmitMessage('raw'), true);
  stage.socket.open();
  equal(stage.socket.sent, ['m:e;1;1', 'raw']);
});

scene('C63 fault: the close code was invisible', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.OnDisconnect(({code, reason, wasClean, isOver}) =>
    note({code, reason, wasClean, isOver}));
  stage.socket.end(1008, 'the id is taken');
  equal(log, [{code: 1008, reason: 'the id is taken', wasClean: true, isOver: true}]);
});

scene('C63 fault: one listener that throws stopped the rest', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const bad = () => {
    throw new RangeError('bad listener');
  };
  ws.onError((x) => note('error', x.message));
  for (const add of [ws.OnConnect, ws.OnDisconnect, ws.OnMessage, ws.On.bind(ws, 'e')]) {
    add.call(ws, bad);
    add.call(ws, () => note('told'));
  }
  const expected = [['error', 'bad listener'], 'told'];
  equal(log.splice(0), expected); // OnConnect, at once.
  stage.socket.receive('m:e;0;x');
  equal(log.splice(0), expected);
  stage.socket.receive('raw');
  equal(log.splice(0), expected);
  stage.socket.end();
  equal(log.splice(0), expected);
  stage.pass(500);
  stage.socket.open();
  equal(log.splice(0), expected);
});

scene('C63 fault: __proto__ as an event', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  for (const name of names)
    stage.socket.receive(`m:${name};0;nobody listens`);
  for (const name of names)
    ws.On(name, (x) => note(name, x));
  for (const name of names)
    stage.socket.receive(`m:${name};0;x`);
  equal(log, names.map((name) => [name, 'x']));
  stage.socket.receive('m:e;4;{"__proto__":{"hurt":1}}');
  equal({}.hurt, undefined);
});
