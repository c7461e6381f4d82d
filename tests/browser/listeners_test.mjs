/** Listeners that are many, asynchronous, or for everything; what nobody hears. */

import {equal, isNode, throws} from './support/harness.mjs';
import {recorder, scene} from './support/stage.mjs';

scene('what an asynchronous listener throws is reported', async (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.onError((x) => note(x.message));
  const bad = async (x) => {
    await null;
    throw new RangeError(`bad ${x}`);
  };
  ws.on('e', bad);
  ws.once('e', bad);
  ws.onAny(() => bad('any'));
  ws.onMessage(() => bad('raw'));
  ws.onState(bad);
  ws.onDisconnect(() => bad('end'));
  stage.socket.receive('m:e;0;event');
  await stage.settle();
  equal(log.splice(0).sort(), ['bad any', 'bad event', 'bad event']);
  stage.socket.receive('raw');
  stage.socket.end();
  await stage.settle();
  equal(log.sort(), ['bad end', 'bad raw', 'bad waiting']);
});

scene('a listener that returns something else is a listener, too', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.onError(note);
  for (const x of [1, null, {}, {then: 1}, [], 'x'])
    ws.on('e', () => x);
  stage.socket.receive('m:e;0;');
  equal(log, []);
});

scene('names whose listeners are gone leave nothing behind', (stage) => {
  const ws = stage.connect();
  const count = () => ws._events.lists.size;
  for (let i = 0; i < 1000; ++i) {
    ws.once(`reply-${i}`, () => {});
    ws.on(`other-${i}`, () => {})();
    stage.socket.receive(`m:reply-${i};0;`);
  }
  const f = () => {};
  ws.on('e', f);
  ws.on('e', () => {});
  equal(count(), 1);
  ws.off('e', f);
  ws.off('e');
  throws(() => ws.on('x', null), TypeError);
  equal(count(), 0);
});

scene('to listen again after the last listener is gone works', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const remove = ws.on('e', () => note('old'));
  remove();
  ws.on('e', () => note('new'));
  remove(); // Again: it is not there any more.
  stage.socket.receive('m:e;0;');
  ws.once('once', () => ws.once('once', () => note('twice')));
  stage.socket.receive('m:once;0;');
  stage.socket.receive('m:once;0;');
  stage.socket.receive('m:once;0;');
  equal(log, ['new', 'twice']);
});

/** Time that was spent, in milliseconds: under Node.js that of the process alone. */
const clock = () => isNode ? process.cpuUsage().user / 1000 : performance.now();

scene('many listeners go as fast as they came', (stage) => {
  const ws = stage.connect();
  const took = (n) => {
    const all = Array.from({length: n}, () => () => {});
    const start = clock();
    all.forEach((f) => ws.on('e', f));
    all.forEach((f) => ws.off('e', f));
    return clock() - start;
  };
  const best = (n) => Math.min(...[1, 2, 3].map(() => took(n)));
  took(2000); // Warm.
  const few = Math.max(best(1000), 1);
  const many = best(20_000); // 400 times as long if each of them is searched.
  equal(many < 150 * few, true, `${few} ms for few, ${many} for twenty times as many`);
});

scene('a listener that an earlier one takes away is not called', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const late = () => note('late');
  ws.on('e', () => ws.off('e', late));
  ws.on('e', late);
  stage.socket.receive('m:e;0;');
  equal(log, []);
});

scene('onAny hears each event, and nothing else', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  const remove = ws.onAny((event, data) => note('any', event, data));
  ws.on('e', (x) => note('e', x));
  stage.socket.receive('m:e;1;1');
  stage.socket.receive('m:__proto__;0;x');
  stage.socket.receive('raw');
  stage.socket.receive('m:bad');
  remove();
  stage.socket.receive('m:e;1;2');
  equal(log, [['any', 'e', 1], ['e', 1], ['any', '__proto__', 'x'], ['e', 2]]);
});

scene('once without a listener is a promise of the next event', async (stage) => {
  const ws = stage.connect();
  const next = ws.once('e');
  stage.socket.end();
  stage.pass(500);
  stage.socket.open(); // Another connection will do.
  stage.socket.receive('m:e;4;{"a":1}');
  stage.socket.receive('m:e;1;2');
  equal(await next, {a: 1});
  equal(ws._events.lists.size, 0);
});

scene('once without a listener fails when there is nothing to come', async (stage) => {
  const ws = stage.connect();
  const next = ws.once('e');
  stage.socket.end(1008, 'no');
  const error = await next.then(() => null, (x) => x);
  equal([error.kind, error.info.code], ['closed', 1008]);
  equal(ws._events.lists.size, 0);
});

// -- debug --------------------------------------------------------------------

scene('debug tells what nobody hears', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect({debug: note});
  equal(log.splice(0), [['connected', 'ws://other.test/echo']]);
  stage.socket.receive('m:unheard;0;x');
  equal(log.splice(0), [['no listener for the event', 'unheard', 'x']]);
  stage.socket.receive('iris-websocket-message:e;0;x');
  equal(log.splice(0), [['no listener for the message: no \'m:\'',
                         'iris-websocket-message:e;0;x']]);
  ws.on('unheard', () => {});
  ws.onMessage(() => {});
  stage.socket.receive('m:unheard;0;x');
  stage.socket.receive('iris-websocket-message:e;0;x');
  equal(log, []);
  stage.socket.end(1008, 'no');
  ws.emit('late', 1);
  equal(log.map((x) => [x[0], x[1].code ?? x[1]]), [['lost', 1008], ['dropped', 'closed']]);
});

scene('debug tells the console, and by default nobody', (stage) => {
  const {log, note} = recorder();
  const real = console.info;
  console.info = note;
  try {
    stage.connect();
    stage.socket.receive('m:unheard;0;x');
    equal(log, []);
    stage.connect({debug: true});
    stage.socket.receive('m:unheard;0;x');
    equal(log.at(-1), ['troupe:', 'no listener for the event', 'unheard', 'x']);
  } finally {
    console.info = real;
  }
});
