/** The sample chat behind a proxy, in a browser. */

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';

import {launch, trust} from './support/browser.mjs';
import {Guest} from './support/guest.mjs';

const home = mkdtempSync(path.join(tmpdir(), 'troupe-proxy-'));
const site = 'https://chat.example.org';

let server;
let ended;
let browser;

before(async () => {
  // Debian's Python, which has the modules.
  server = spawn('/usr/bin/python3', ['-B', '-m', 'support.proxied_chat', 'haproxy'], {
    cwd: new URL('.', import.meta.url).pathname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  ended = once(server, 'exit');
  const [line] = await Promise.race([
    once(createInterface({input: server.stdout}), 'line'),
    ended.then(([status]) => assert.fail(`the server ended with ${status}`)),
  ]);
  const [port, authority] = line.split(' ');
  trust(home, authority);
  browser = await launch({
    env: {...process.env, HOME: home},
    args: [`--host-resolver-rules=MAP chat.example.org:443 127.0.0.1:${port}`],
  });
});

after(async () => {
  await browser?.close();
  server.stdin.end();
  const [status] = await ended;
  rmSync(home, {recursive: true});
  assert.equal(status, 0);
});

test('guests talk through HAProxy', {timeout: 180_000}, async () => {
  const alice = await Guest.enter(browser, site, 'Alice');
  const bob = await Guest.enter(browser, site, 'Bob');
  const sockets = [];
  bob.page.on('websocket', (x) => sockets.push(x.url()));
  await bob.page.reload();
  await alice.say('through a proxy');
  await bob.hears('through a proxy');
  assert.deepEqual(sockets, ['wss://chat.example.org/chat']);
  const protocol = await bob.page.evaluate(
      () => performance.getEntriesByType('navigation')[0].nextHopProtocol);
  assert.equal(protocol, 'h2');
  await alice.close();
  await bob.close();
});
