/** What the client offers on top of the original's. */

import {Ws, WsError} from '../../net/browser/client.js';
import {equal, isNode, throws} from './support/harness.mjs';
import {FakeSocket, recorder, scene} from './support/stage.mjs';

scene('C63 off takes one listener away, or all of an event', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const first = (x) => note('first', x);
  ws.on('e', first);
  ws.once('e', first);
  ws.on('e', (x) => note('second', x));
  ws.off('e', first);
  stage.socket.receive('m:e;1;1');
  equal(log.splice(0), [['second', 1]]);
  ws.off('e');
  ws.off('never heard of');
  stage.socket.receive('m:e;1;2');
  equal(log, []);
});

scene('C63 each way to listen returns the way to end it', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const ends = [ws.on('e', note), ws.once('e', note), ws.onConnect(note), ws.onDisconnect(note),
                ws.onMessage(note), ws.onState(note), ws.onDrop(note), ws.onError(note)];
  ends.forEach((end) => end());
  log.length = 0; // OnConnect, at once.
  stage.socket.receive('m:e;1;1');
  stage.socket.receive('m:e;9;1');
  stage.socket.receive('raw');
  stage.socket.end(1000);
  ws.emit('e');
  equal(log, []);
});

scene('C63 once is once, also when the listener makes the event come again', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.once('e', (x) => {
    note(x);
    stage.socket.receive('m:e;1;2');
  });
  stage.socket.receive('m:e;1;1');
  stage.socket.receive('m:e;1;3');
  equal(log, [1]);
});

scene('C63 listeners may come and go while they are told', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const remove = ws.on('e', () => {
    remove();
    ws.on('e', (x) => note('new', x));
  });
  ws.on('e', (x) => note('old', x));
  stage.socket.receive('m:e;1;1');
  stage.socket.receive('m:e;1;2');
  equal(log, [['old', 1], ['old', 2], ['new', 2]]);
});

scene('C63 a listener that is no function is refused where it is added', (stage) => {
  const ws = stage.connect();
  throws(() => ws.on('e'), TypeError);
  throws(() => ws.OnConnect(null), TypeError);
});

scene('C63 events that cannot be read are told, with their kind', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  stage.socket.receive('m:chat');
  equal(stage.warnings.length, 1); // Nobody listens for errors.
  ws.onError((x) => note(x instanceof WsError && x.kind));
  ws.on('chat', () => note('event'));
  ws.onMessage(() => note('raw'));
  for (const x of ['m:chat', 'm:;0;x', 'm:chat;7;x', 'm:chat;1;1.5', 'm:chat;4;{'])
    stage.socket.receive(x);
  equal(log, ['malformed_event', 'invalid_event_name', 'unknown_type_tag',
              'invalid_value', 'invalid_value']);
  equal(stage.warnings.length, 1);
});

scene('C63 what a listener throws is an uncaught error if nobody listens for it', async (stage) => {
  const ws = stage.connect();
  const error = new Error('nobody catches this');
  ws.on('e', () => {
    throw error;
  });
  const caught = new Promise((resolve) => {
    if (isNode) {
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (x) => {
        others.forEach((f) => process.on('uncaughtException', f));
        resolve(x);
      });
    } else {
      addEventListener('error', (x) => {
        x.preventDefault();
        resolve(x.error);
      }, {once: true});
    }
  });
  stage.socket.receive('m:e;0;x');
  equal(await caught === error, true);
});

scene('C63 ready is for this connection or the next', async (stage) => {
  const ws = stage.dial();
  const first = ws.ready;
  stage.socket.end(); // The first attempt: it is still awaited.
  equal(ws.ready === first, true);
  stage.pass(1000);
  stage.socket.open();
  equal(await first === ws, true);
  stage.socket.end();
  const second = ws.ready;
  equal(second === first, false);
  stage.pass(1000);
  stage.socket.open();
  equal(await second === ws, true);
});

scene('C63 ready is rejected when there is none to come', async (stage) => {
  const ws = stage.dial();
  const first = ws.ready;
  stage.socket.end(1008, 'no');
  for (const ready of [first, ws.ready]) {
    const error = await ready.then(() => null, (x) => x);
    equal([error.kind, error.info.code, error.info.reason], ['closed', 1008, 'no']);
  }
  ws.reconnect();
  stage.socket.open();
  equal(await ws.ready === ws, true);
});

scene('C63 states are told as they change', (stage) => {
  const {log, note} = recorder();
  const ws = stage.dial();
  equal(ws.state, 'connecting');
  ws.onState((x) => note(x, ws.state === x));
  stage.socket.open();
  stage.socket.end();
  stage.pass(500);
  stage.socket.open();
  ws.close();
  stage.socket.end(1000);
  equal(log, ['open', 'waiting', 'connecting', 'open', 'closing', 'closed']
      .map((x) => [x, true]));
});

scene('C63 a WebSocket can be passed in, and must be there', (stage) => {
  globalThis.WebSocket = undefined;
  throws(() => stage.dial(), TypeError);
  class Other extends FakeSocket {}
  stage.dial({WebSocket: Other});
  equal(stage.socket instanceof Other, true);
});

scene('C63 options that are undefined do not count', (stage) => {
  const ws = stage.connect({eventPrefix: undefined, maxQueue: {bytes: undefined},
                            reconnect: {again: undefined}});
  ws.emit('e', 1);
  equal(stage.socket.sent, ['m:e;1;1']);
  stage.socket.end();
  equal(ws.emit('e', 1), true);
});

scene('C63 what a listener of the closing hears is said before the end', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.on('e', (x) => note('event', x));
  ws.onDisconnect(() => note('end'));
  ws.close(4000, 'bye');
  equal(stage.socket.closed, [4000, 'bye']);
  stage.socket.receive('m:e;1;1'); // Was on its way.
  stage.socket.end(4000, 'bye');
  equal(log, [['event', 1], 'end']);
});

scene('C63 Ws is a class', () => {
  throws(() => Ws('ws://troupe.test/'), TypeError);
});
