/** Where attempts go, and attempts that cannot be made. */

import {Ws} from '../../net/browser/client.js';
import {equal, isNode, throws} from './support/harness.mjs';
import {FakeSocket, recorder, scene} from './support/stage.mjs';

// -- addresses ----------------------------------------------------------------

/** Replaces globals of a page while `f` runs; only Node.js lets us. */
function on(page, f) {
  const before = Object.entries(page).map(
    ([name]) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(page))
    Object.defineProperty(globalThis, name, {value, configurable: true, writable: true});
  try {
    return f();
  } finally {
    for (const [name, descriptor] of before)
      if (descriptor)
        Object.defineProperty(globalThis, name, descriptor);
      else
        delete globalThis[name];
  }
}

if (isNode) {
  scene('a path without a page has no host', (stage) => {
    for (const path of ['/chat', './chat', '?x'])
      throws(() => stage.dialAt(path), TypeError);
    equal(stage.dialed, 0);
    stage.dialAt('localhost:8080/chat');
    equal(stage.socket.url, 'ws://localhost:8080/chat');
  });

  scene('a path in a page without an address of its own is refused', (stage) => {
    for (const href of ['about:blank', 'data:text/html,x', 'file:///tmp/page.html', 'blob:null/1'])
      on({location: {href}, document: undefined},
         () => throws(() => stage.dialAt('/chat'), TypeError));
    equal(stage.dialed, 0);
  });

  scene('a worker from a blob uses the page of the blob', (stage) => {
    on({location: {href: 'blob:https://troupe.test/0b1c', host: ''}, document: undefined},
       () => stage.dialAt('/chat'));
    equal(stage.socket.url, 'wss://troupe.test/chat');
  });

  scene('a frame from srcdoc uses the page around it', (stage) => {
    const document = Object.assign(new EventTarget(), {baseURI: 'http://troupe.test/page'});
    on({location: {href: 'about:srcdoc', host: ''}, document}, () => stage.dialAt('/chat'));
    equal(stage.socket.url, 'ws://troupe.test/chat');
  });

  scene('an address may be relative to the page', (stage) => {
    on({location: new URL('https://troupe.test/a/b?c')}, () => {
      for (const [endpoint, url] of [['./chat', 'a/chat'], ['../chat', 'chat'], ['?x', 'a/b?x']]) {
        stage.dialAt(endpoint);
        equal(stage.socket.url, `wss://troupe.test/${url}`);
      }
    });
  });
}

scene('an address may be a URL', (stage) => {
  stage.dialAt(new URL('https://other.test/chat'));
  equal(stage.socket.url, 'wss://other.test/chat');
});

scene('an address may be a function, which is called for each attempt', async (stage) => {
  let count = 0;
  const ws = stage.dialAt(() => `ws://other.test/?token=${++count}`);
  equal([ws.state, stage.dialed], ['connecting', 0]);
  await stage.settle();
  for (let i = 1; i <= 3; ++i) {
    equal([stage.dialed, stage.socket.url], [i, `ws://other.test/?token=${i}`]);
    stage.socket.end();
    stage.pass(ws.retryAt - stage.now);
    await stage.settle();
  }
});

scene('what is kept is sent after the address is known', async (stage) => {
  let answer;
  const ws = stage.dialAt(() => new Promise((resolve) => answer = resolve));
  ws.join('#lobby');
  await stage.settle();
  equal([ws.state, stage.dialed], ['connecting', 0]);
  answer('ws://other.test/');
  await stage.settle();
  stage.socket.open();
  equal(stage.socket.sent, ['m:join;0;#lobby']);
});

scene('credentials are asked for at each attempt, and sent before what is kept', async (stage) => {
  let count = 0;
  const ws = stage.dial({auth: async () => ({token: ++count})});
  ws.join('#lobby');
  for (let i = 1; i <= 2; ++i) {
    await stage.settle();
    equal(stage.dialed, i);
    stage.socket.open();
    equal(stage.socket.sent, [`m:auth;4;{"token":${i}}`, 'm:join;0;#lobby']);
    stage.socket.end();
    stage.pass(500);
  }
  stage.dial({auth: 'secret', authEvent: 'login'});
  await stage.settle();
  equal(stage.socket.open().sent, ['m:login;0;secret']);
});

scene('an address that cannot be got is a failed attempt', async (stage) => {
  const {log, note} = recorder();
  let count = 0;
  const ws = stage.dialAt(async () => {
    if (++count === 1)
      throw new RangeError('no token');
    return 'ws://other.test/';
  });
  ws.onError((x) => note('error', x.message));
  ws.onDisconnect(({code, isOver}) => note('end', code, isOver));
  await stage.settle();
  equal(log, [['error', 'no token'], ['end', 1006, false]]);
  equal([ws.state, stage.dialed], ['waiting', 0]);
  stage.pass(500);
  await stage.settle();
  stage.socket.open();
  equal(ws.state, 'open');
});

scene('a function that throws is one that fails', async (stage) => {
  const {log, note} = recorder();
  const ws = stage.dialAt(() => {
    throw new RangeError('not logged in');
  });
  ws.onError((x) => note(x.message));
  await stage.settle();
  equal([log, ws.state], [['not logged in'], 'waiting']);
});

scene('an address that does not come in time is a failed attempt', async (stage) => {
  let answer;
  const ws = stage.dialAt(() => new Promise((resolve) => answer = resolve),
                          {connectTimeout: 3000});
  await stage.settle();
  stage.pass(3000);
  equal([ws.state, stage.dialed], ['waiting', 0]);
  answer('ws://late.test/');
  await stage.settle();
  equal(stage.dialed, 0);
});

scene('close is final, also while the address is awaited', async (stage) => {
  let answer;
  const {log, note} = recorder();
  const ws = stage.dialAt(() => new Promise((resolve) => answer = resolve));
  ws.onDisconnect(({code, isOver}) => note(code, isOver));
  await stage.settle();
  ws.close();
  equal([ws.state, log], ['closed', [[1000, true]]]);
  answer('ws://other.test/');
  await stage.settle();
  stage.pass(60_000);
  equal([stage.dialed, stage.timers.size], [0, 0]);
});

// -- what fails ---------------------------------------------------------------

scene('a socket class that throws at once is the caller\'s', (stage) => {
  class Bad {
    constructor() {
      throw new SyntaxError('bad address');
    }
  }
  throws(() => new Ws('ws://other.test/', null, {WebSocket: Bad}), SyntaxError);
  equal(stage.timers.size, 0);
});

scene('a socket class that throws later is reported, and tried again', (stage) => {
  const {log, note} = recorder();
  let isBad = false;
  class Moody extends FakeSocket {
    constructor(...args) {
      if (isBad)
        throw new RangeError('out of sockets');
      super(...args);
    }
  }
  const ws = stage.connect({WebSocket: Moody});
  ws.onError((x) => note(x.message));
  ws.emit('e', 1);
  isBad = true;
  stage.socket.end();
  ws.emit('e', 2);
  stage.pass(500);
  equal([log, ws.state], [['out of sockets'], 'waiting']);
  isBad = false;
  stage.pass(1000);
  stage.socket.open();
  equal(stage.socket.sent, ['m:e;1;2']);
});

scene('what is kept and cannot be sent any more does not stop the rest', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect();
  ws.onError((x) => note(x instanceof TypeError));
  const value = {};
  ws.keep('value', value);
  ws.join('#lobby');
  stage.socket.end();
  value.self = value;
  ws.emit('waits');
  stage.pass(500);
  stage.socket.open();
  equal(log, [true]);
  equal(stage.socket.sent, ['m:join;0;#lobby', 'm:waits;0;']);
  equal(ws.state, 'open');
});

scene('a judge that throws is reported, and the defaults apply', (stage) => {
  const {log, note} = recorder();
  const ws = stage.connect({reconnect: {again: () => {
    throw new RangeError('bad judge');
  }}});
  ws.onError((x) => note(x.message));
  stage.socket.end(1006);
  equal([log, ws.state], [['bad judge'], 'waiting']);
});

scene('waits are bounded, whatever the options are', (stage) => {
  stage.random = 1;
  const ws = stage.connect({reconnect: {maxDelay: Infinity}});
  stage.socket.end(1013);
  equal(ws.retryAt - stage.now, 30_000);
  const longest = 2 ** 31 - 1; // More fires at once.
  for (let i = 0; i < 40; ++i) {
    const wait = ws.retryAt - stage.now;
    equal(wait >= (i % 2 ? 500 : 30_000) && wait <= longest, true, wait);
    stage.pass(wait);
    stage.socket.end(i % 2 ? 1013 : 1006);
  }
  equal(stage.dialed, 41);
  const patient = stage.dial({connectTimeout: Infinity});
  stage.pass(longest - 1);
  equal(patient.state, 'connecting');
  patient.close();
});

scene('spans that are none are refused', (stage) => {
  for (const options of [{connectTimeout: -1}, {idleTimeout: NaN}, {maxMessageSize: 'big'},
                         {reconnect: {maxDelay: NaN}}, {reconnect: {minDelay: -5}}])
    throws(() => stage.dial(options), RangeError);
  equal(stage.dialed, 0);
});
