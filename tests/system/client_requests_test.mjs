/** The client and a real server speak version 2, in Node.js and in Chromium. */

import assert from 'node:assert/strict';
import {test} from 'node:test';

import WebSocket from 'ws';

import {Ws} from '../../net/browser/client.js';
import {launch} from './support/browser.mjs';
import {start} from './support/program.mjs';

const patient = {timeout: 60_000};
const version2 = {protocol: 2, reconnect: {minDelay: 20, maxDelay: 200}};

async function auction(t, options = []) {
  const server = await start('troupe-example-auction', 0, options);
  t.after(() => server.stop());
  return server;
}

function connect(t, server, options) {
  const ws = new Ws(server.url.replace('http', 'ws') + '/auction', null,
                    {WebSocket, ...version2, ...options});
  t.after(() => ws.close());
  return ws;
}

test('requests are answered, refused and unknown', patient, async (t) => {
  const server = await auction(t);
  const ws = connect(t, server);
  assert.equal(await ws.request('bid', 10), 10); // Waits for the connection.
  assert.equal(await ws.request('price'), 10);
  await assert.rejects(ws.request('bid', 10), (e) =>
    e.kind === 'too_low' && e.message === 'more than 10');
  await assert.rejects(ws.request('steal'), (e) => e.kind === 'no_handler');
  await assert.rejects(ws.request('bid', 'much'), (e) => e.kind === 'invalid');
  assert.equal(ws.session.limits.requests, 64);
});

test('the server asks and the client answers', patient, async (t) => {
  const ws = connect(t, await auction(t));
  await assert.rejects(ws.request('buy'), (e) => e.kind === 'changed_mind');
  let answer = Promise.resolve(true);
  ws.onRequest('sure', (question) => {
    assert.equal(question, 'really?');
    return answer;
  });
  assert.equal(await ws.request('buy'), 'sold');
  answer = new Promise(() => {});
  await assert.rejects(ws.request('buy', undefined, {timeout: 50}),
                       (e) => e.kind === 'timeout');
});

test('a room is joined, heard and joined again', patient, async (t) => {
  const server = await auction(t);
  const [member, bidder] = [connect(t, server), connect(t, server)];
  const bids = member.room('bids');
  let prices = [];
  bids.on('highest', (price) => prices.push(price));
  await bids.join();
  await assert.rejects(member.room('office').join(), (e) => e.kind === 'refused');
  await bidder.request('bid', 5);
  await member.request('price'); // After what the room has sent before.
  assert.deepEqual(prices, [5]);

  await server.endsWell();
  const again = await start('troupe-example-auction', server.port);
  t.after(() => again.stop());
  await member.ready;
  while (bids.state !== 'in')
    await member.request('price');
  await bidder.request('bid', 1);
  await member.request('price');
  assert.deepEqual(prices, [5, 1]);
});

test('requests beyond the limit are busy and memory stays flat', patient, async (t) => {
  const ws = connect(t, await auction(t, ['--ws.max-requests=4']), {maxQueue: 1000});
  ws.onRequest('sure', () => new Promise(() => {}));
  await ws.ready;
  const kinds = await Promise.all(Array.from({length: 10_000}, () =>
    ws.request('buy', undefined, {timeout: 1000}).catch((e) => e.kind)));
  assert.ok(kinds.every((kind) => kind === 'busy' || kind === 'timeout'));
  assert.ok(kinds.includes('busy'));
});

test('a server that is frozen is noticed', patient, async (t) => {
  const server = await auction(t, ['--ws.beat-period=200ms']);
  const ws = connect(t, server);
  await ws.ready;
  const lost = new Promise((resolve) => ws.onDisconnect(resolve));
  server.signal('SIGSTOP');
  const began = Date.now();
  try {
    await lost;
  } finally {
    server.signal('SIGCONT');
  }
  assert.ok(Date.now() - began < 35_000);
});

test('in Chromium', patient, async (t) => {
  const server = await auction(t, ['--ws.allow-any-origin']);
  const pages = await start('troupe-example-chat'); // Serves the client.
  t.after(() => pages.stop());
  const browser = await launch();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(pages.url);
  const seen = await page.evaluate(async (url) => {
    const {Ws: Client} = await import('/troupe.mjs');
    const ws = new Client(url, null, {protocol: 2});
    const bids = ws.room('bids');
    const heard = [];
    bids.on('highest', (price) => heard.push(price));
    await bids.join();
    const kind = (promise) => promise.catch((e) => e.kind);
    return [await ws.request('bid', 7), await kind(ws.request('bid', 7)),
            await kind(ws.request('buy', undefined, {timeout: 20000})), heard];
  }, server.url.replace('http', 'ws') + '/auction');
  assert.deepEqual(seen, [7, 'too_low', 'changed_mind', [7]]);
});
