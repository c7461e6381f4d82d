/** Connections that are dead and do not say so, and coming back early. */

import {equal, isNode} from './support/harness.mjs';
import {FakeSocket, recorder, scene} from './support/stage.mjs';

/** Ends and attempts, as a page sees them. */
function watch(ws) {
  const {log, note} = recorder();
  ws.onDisconnect(({code, reason}) => note(code, reason));
  return log;
}

/** A socket like that of the package ws. */
class Pinging extends FakeSocket {
  pings = 0;
  pongs = [];

  ping() {
    this.pings += 1;
  }

  once(_, f) {
    this.pongs.push(f);
  }

  pong() {
    this.pongs.splice(0).forEach((f) => f());
  }
}

// -- silence ------------------------------------------------------------------

scene('without idleTimeout, silence means nothing', (stage) => {
  const ws = stage.connect();
  stage.pass(86_400_000);
  equal([ws.state, stage.requests, stage.socket.sent], ['open', [], []]);
});

scene('a heartbeat that nobody answers ends the connection in time', (stage) => {
  const ws = stage.connect({idleTimeout: 30_000, heartbeat: 'ping'});
  const log = watch(ws);
  const {socket} = stage;
  stage.pass(14_999);
  equal(socket.sent, []);
  stage.pass(1);
  equal(socket.sent, ['m:ping;0;']);
  stage.pass(14_999);
  equal(ws.state, 'open');
  stage.pass(1);
  equal([ws.state, socket.readyState], ['waiting', 2]);
  equal(log, [[1006, 'no sign of life']]);
  stage.pass(500);
  stage.socket.open();
  equal(ws.state, 'open');
});

scene('whatever arrives is a sign of life', (stage) => {
  const ws = stage.connect({idleTimeout: 30_000, heartbeat: 'ping'});
  for (let i = 0; i < 10; ++i) {
    stage.pass(14_000);
    stage.socket.receive('raw');
  }
  equal(stage.socket.sent, []); // It was never silent for long.
  for (let i = 0; i < 10; ++i) {
    stage.pass(16_000);
    stage.socket.receive('m:pong;0;');
  }
  equal([ws.state, stage.dialed], ['open', 1]);
});

scene('the package ws is asked by pings', (stage) => {
  const ws = stage.connect({WebSocket: Pinging, idleTimeout: 2000});
  const {socket} = stage;
  for (let i = 0; i < 5; ++i) {
    socket.pong();
    stage.pass(1500);
    equal(ws.state, 'open');
  }
  equal(socket.sent, []);
  stage.pass(500);
  equal([ws.state, socket.readyState], ['waiting', 2]);
});

scene('a browser asks by HTTP, without secrets', async (stage) => {
  stage.dialAt('wss://other.test/chat?token=secret', {idleTimeout: 2000});
  stage.socket.open();
  const [{url, options}] = stage.requests;
  equal([url, options.method, options.mode, options.credentials],
        ['https://other.test/chat', 'HEAD', 'no-cors', 'omit']);
});

scene('a server that has answered HTTP and does so no more is dead', async (stage) => {
  const ws = stage.dialAt('ws://frozen.test/chat', {idleTimeout: 2000});
  const socket = stage.socket.open();
  stage.requests[0].resolve({});
  await stage.settle();
  stage.pass(1000);
  stage.requests[1].resolve({});
  await stage.settle();
  stage.pass(1000);
  equal([ws.state, stage.requests.length], ['open', 3]);
  stage.requests[2].reject(new TypeError('network is unreachable'));
  await stage.settle();
  stage.pass(1000);
  equal([ws.state, socket.readyState], ['waiting', 2]);
});

scene('a server that never answers HTTP is not taken for dead', async (stage) => {
  const ws = stage.dialAt('ws://no-http.test/chat', {idleTimeout: 2000});
  stage.socket.open();
  for (let i = 0; i < 10; ++i) {
    stage.requests.at(-1).reject(new TypeError('a policy forbids it'));
    await stage.settle();
    stage.pass(1000);
  }
  equal([ws.state, stage.dialed], ['open', 1]);
});

scene('after a sleep, the client asks again before it gives up', (stage) => {
  const ws = stage.connect({idleTimeout: 30_000, heartbeat: 'ping'});
  const sleep = (span) => { // No timer fires meanwhile.
    stage.now += span;
    stage.pass(0);
  };
  stage.pass(15_000); // It asks.
  sleep(3_600_000); // The computer sleeps, before the answer is read.
  equal([ws.state, stage.socket.sent.length], ['open', 2]);
  stage.socket.receive('m:pong;0;');
  stage.pass(14_000);
  equal(ws.state, 'open');
  sleep(3_600_000);
  equal([ws.state, stage.socket.sent.length], ['open', 3]);
  stage.pass(15_000); // Now it had its chance.
  equal(ws.state, 'waiting');
});

scene('a client that is closed asks nobody', (stage) => {
  const ws = stage.connect({idleTimeout: 2000, heartbeat: 'ping'});
  ws.close();
  stage.pass(60_000);
  equal([stage.socket.sent, stage.dialed, ws.state], [[], 1, 'closed']);
  equal(stage.timers.size, 0);
});

scene('a server that does not answer the close frame is not waited for', (stage) => {
  const ws = stage.connect();
  const {log, note} = recorder();
  ws.onDisconnect(({code, reason, isOver}) => note(code, reason, isOver));
  ws.close(4000, 'bye');
  stage.pass(9999);
  equal(ws.state, 'closing');
  stage.pass(1);
  equal([ws.state, log], ['closed', [[1006, 'bye', true]]]);
});

// -- the page or the network is back ------------------------------------------

for (const sign of ['online', 'pageshow', 'visibilitychange', 'resume'])
  scene(`${sign} starts the next attempt at once`, (stage) => {
    stage.random = 1;
    const ws = stage.connect();
    stage.socket.end();
    equal(ws.retryAt > stage.now, true);
    stage.happens(sign);
    equal([ws.state, stage.dialed, ws.retryAt], ['connecting', 2, 0]);
    stage.happens(sign); // There is an attempt already.
    equal(stage.dialed, 2);
    stage.socket.open();
    stage.pass(60_000);
    equal([ws.state, stage.dialed], ['open', 2]);
  });

scene('a server that asked for a pause gets it nevertheless', (stage) => {
  stage.random = 1;
  const ws = stage.connect();
  stage.socket.end(1013);
  stage.pass(1000);
  stage.happens('online');
  equal([ws.state, ws.retryAt - stage.now], ['waiting', 4000]);
  stage.pass(4000);
  equal([ws.state, stage.dialed], ['connecting', 2]);
});

scene('a page that is hidden need not hurry', (stage) => {
  stage.random = 1;
  const ws = stage.connect();
  stage.socket.end();
  const page = isNode ? stage.document : document;
  Object.defineProperty(page, 'hidden', {value: true, configurable: true});
  stage.happens('visibilitychange');
  equal(ws.state, 'waiting');
  delete page.hidden;
  stage.happens('visibilitychange');
  equal(ws.state, isNode || !page.hidden ? 'connecting' : 'waiting');
});

scene('an open connection is doubted at once, if there is a way to ask', (stage) => {
  const ws = stage.connect({idleTimeout: 30_000, heartbeat: 'ping'});
  stage.happens('online');
  equal(stage.socket.sent, ['m:ping;0;']);
  stage.socket.receive('m:pong;0;');
  stage.pass(15_000);
  equal(ws.state, 'open');
  const other = stage.connect();
  stage.happens('online');
  equal([other.state, stage.socket.sent], ['open', []]);
});

scene('a client that is closed listens to the page no more', (stage) => {
  const ws = stage.connect();
  stage.socket.end(1008);
  stage.happens('online');
  equal([ws.state, stage.dialed], ['closed', 1]);
  ws.reconnect();
  stage.socket.open();
  stage.socket.end();
  stage.happens('online');
  equal(stage.dialed, 3);
});
