/** The sample chat over TLS in a browser that trusts an authority of its own. */

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {launch, trust} from './support/browser.mjs';
import {Guest} from './support/guest.mjs';
import {start} from './support/program.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'troupe-tls-'));
const makeAuthority
    = new URL('../../scripts/make_test_ca.sh', import.meta.url).pathname;

let server;
let browser;

before(async () => {
  execFileSync(makeAuthority, [folder, 'localhost'], {stdio: 'ignore'});
  trust(folder, path.join(folder, 'ca.pem'));
  server = await start('troupe-chat', 0, [
    `--tls.certificate=${folder}/localhost.pem`,
    `--tls.key=${folder}/localhost.key`,
  ]);
  browser = await launch({env: {...process.env, HOME: folder}});
});

after(async () => {
  await browser?.close();
  await server?.endsWell();
  rmSync(folder, {recursive: true});
});

test('guests talk over wss', {timeout: 90_000}, async () => {
  const url = `https://localhost:${server.port}`;
  const alice = await Guest.enter(browser, url, 'Alice');
  const bob = await Guest.enter(browser, url, 'Bob');
  const sockets = [];
  bob.page.on('websocket', (x) => sockets.push(x.url()));
  await bob.page.reload();
  await alice.say('in private');
  await bob.hears('in private');
  assert.ok(sockets.length > 0);
  for (const x of sockets)
    assert.ok(x.startsWith(`wss://localhost:${server.port}/`), x);
  await alice.close();
  await bob.close();
});

test('http leads to https', {timeout: 90_000}, async () => {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${server.port}/`);
  assert.equal(new URL(page.url()).protocol, 'https:');
  await page.close();
});
