/** The code of docs/guide/web-frameworks.md runs against a real server. */

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {setImmediate as immediate} from 'node:timers/promises';

import {StrictMode, createElement} from 'react';
import {create} from 'react-test-renderer';
import {createServer} from 'vite';
import {effectScope, watchEffect} from 'vue';
import WebSocket from 'ws';

import {Ws} from '../../net/browser/client.js';
import {start} from './support/program.mjs';

const patient = {timeout: 60_000};
const root = path.resolve(import.meta.dirname, '../..');

/** What the recipes have opened. @type {WebSocket[]} */
const sockets = [];
globalThis.WebSocket = class extends WebSocket { // As in a browser.
  constructor(...args) {
    super(...args);
    sockets.push(this);
  }
};

/** @returns the folder with the code of the page */
function unpack(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'troupe-recipes-'));
  t.after(() => rmSync(folder, {recursive: true}));
  execFileSync(path.join(root, 'scripts/unpack_recipes.mjs'), [folder]);
  return path.join(folder, 'docs/guide/web-frameworks');
}

/** Loads the code as Vite does for a browser. */
async function loader(t) {
  const vite = await createServer({
    root: unpack(t),
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    resolve: {alias: {'troupe-client': path.join(root, 'net/browser/client.js')}},
    server: {middlewareMode: true, ws: false, hmr: false, watch: null},
  });
  t.after(() => vite.close());
  return (file) => vite.ssrLoadModule(`/${file}`);
}

async function auction(t) {
  const server = await start('troupe-example-auction');
  t.after(() => server.stop());
  const url = `${server.url.replace('http', 'ws')}/auction`;
  const bidder = new Ws(url, null, {protocol: 2, WebSocket});
  t.after(() => bidder.close());
  return {url, bidder, server};
}

test('the React hook has one live connection in StrictMode', patient, async (t) => {
  const {url, bidder} = await auction(t);
  const {useAuction} = await (await loader(t))('use-auction-react.ts');
  let last = {};
  const states = new Set();
  let check = () => {};
  function Probe() {
    last = useAuction(url);
    states.add(last.state);
    check();
    return null;
  }
  const renders = (f) => new Promise((resolve) => {
    check = () => f(last) && resolve();
    check();
  });

  await bidder.request('bid', 5);
  const before = sockets.length;
  const tree = create(createElement(StrictMode, null, createElement(Probe)));
  await renders(({state, price}) => state === 'open' && price === 5);
  const [first, second, ...others] = sockets.slice(before);
  assert.deepEqual(others, []);
  if (first.readyState !== WebSocket.CLOSED)
    await once(first, 'close');
  await bidder.request('bid', 6);
  await renders(({price}) => price === 6);
  assert.deepEqual([...states], ['connecting', 'open']); // Not those of the first one.
  assert.equal(second.readyState, WebSocket.OPEN);

  const gone = once(second, 'close');
  tree.unmount();
  await gone;
  assert.equal(last.ws.state, 'closed');
});

test('the React component bids', patient, async (t) => {
  const {url, bidder} = await auction(t);
  const {Bids} = await (await loader(t))('bids.tsx');
  const bids = bidder.room('bids');
  await bids.join();
  await bidder.request('bid', 6);
  const tree = create(createElement(Bids, {url}));
  t.after(() => tree.unmount());
  const text = (type) => tree.root.findByType(type).children.join('');
  const shows = async (f) => {
    while (!f())
      await immediate();
  };
  await immediate(); // It is mounted.
  await shows(() => text('output') === '6' && !tree.root.findByType('button').props.disabled);

  const bid = () => tree.root.findByType('form').props.action();
  const next = bids.once('highest');
  bid();
  assert.equal(await next, 7);
  await shows(() => text('output') === '7');
  tree.root.findByType('form'); // Still there.
});

test('the Vue composable follows the room until its scope ends', patient, async (t) => {
  const {url, bidder} = await auction(t);
  const load = await loader(t);
  const {useAuction} = await load('use-auction-vue.ts');
  const scope = effectScope();
  const {state, price, bid} = scope.run(() => useAuction(url));
  const becomes = (f) => new Promise((resolve) => {
    watchEffect(() => f() && resolve(), {flush: 'sync'});
  });
  await becomes(() => state.value === 'open' && price.value === 0);
  await bidder.request('bid', 5);
  await becomes(() => price.value === 5);
  assert.equal(await bid(6), 6);
  await assert.rejects(bid(6), (e) => e.kind === 'too_low');
  scope.stop();
  await becomes(() => state.value === 'closed');
  await assert.rejects(bid(7), (e) => e.kind === 'gone');
});

test("Vite's proxy passes the connections of its pages on", patient, async (t) => {
  const {server, bidder} = await auction(t);
  const folder = unpack(t);
  const file = path.join(folder, 'vite.config.ts');
  const config = readFileSync(file, 'utf8');
  assert.match(config, /:8080'/);
  writeFileSync(file, config.replace(':8080', `:${server.port}`));
  const vite = await createServer({
    root: folder, logLevel: 'error',
    server: {port: 0, host: '127.0.0.1', hmr: false, ws: false, watch: null},
  });
  t.after(() => vite.close());
  await vite.listen();
  const {port} = vite.httpServer.address();
  /** A browser says which page connects. */
  class FromPage extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, {origin: `http://127.0.0.1:${port}`});
    }
  }
  const ws = new Ws(`ws://127.0.0.1:${port}/auction`, null, {protocol: 2, WebSocket: FromPage});
  t.after(() => ws.close());
  await bidder.request('bid', 3);
  assert.equal(await ws.request('price'), 3);
});
