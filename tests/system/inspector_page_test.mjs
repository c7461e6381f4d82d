/** The inspector in a browser. */

import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {launch} from './support/browser.mjs';
import {start} from './support/program.mjs';

const token = 'a-token-for-tests-only';
const folder = mkdtempSync(path.join(tmpdir(), 'troupe-inspector-'));
const slow = {timeout: 90_000};

let server;
let url;
let browser;

before(async () => {
  const file = path.join(folder, 'token');
  writeFileSync(file, token);
  server = await start('troupe-echo', 0, [
    '--admin.listen=127.0.0.1:0',
    '--admin.inspector',
    `--admin.token-file=${file}`,
  ]);
  url = (await server.logs(/inspector at (\S+)/))[1];
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.endsWell();
  rmSync(folder, {recursive: true});
});

/** @returns a page that fails the test at any complaint of the browser */
async function open(address) {
  const page = await browser.newPage();
  page.troubles = [];
  page.on('pageerror', (x) => page.troubles.push(String(x)));
  await page.goto(address);
  return page;
}

const client = (where) => new Promise((resolve, reject) => {
  const result = new WebSocket(`${server.url.replace('http', 'ws')}${where}`);
  result.onopen = () => resolve(result);
  result.onerror = reject;
});

test('the token in the fragment opens the page and leaves the address', slow, async () => {
  const page = await open(`${url}#token=${token}`);
  await page.locator('#main').waitFor();
  assert.equal(page.url(), url);
  await page.reload(); // The tab knows it.
  await page.locator('#main').waitFor();
  assert.deepEqual(page.troubles, []);
  await page.close();
});

test('without a token the page asks for it', slow, async () => {
  const page = await open(url);
  await page.locator('#login').waitFor();
  await page.locator('#token').fill('not-the-token-for-tests');
  await page.locator('#login button').click();
  await page.getByText('The token is wrong').waitFor();
  await page.locator('#token').fill(token);
  await page.locator('#login button').click();
  await page.locator('#main').waitFor();
  await page.close();
});

test('the page shows rooms and connections, and ends one', slow, async () => {
  const name = '<img src=x onerror=hurt()>';
  const one = await client(`/rooms/${encodeURIComponent(name)}`);
  const two = await client('/rooms/other');
  const ended = new Promise((resolve) => two.onclose = resolve);
  const page = await open(`${url}#token=${token}`);
  await page.locator('#server').selectOption('/rooms/*');
  await page.locator('#rooms tr').getByText(name, {exact: true}).waitFor();
  assert.equal(await page.locator('#rooms tr').count(), 2);
  assert.equal(await page.locator('img').count(), 0);
  const row = page.locator('#connections tr').filter({hasText: '/rooms/other'});
  await row.getByRole('button').click();
  await row.getByRole('button', {name: 'really?'}).click();
  assert.equal((await ended).code, 1008);
  await page.locator('#notice', {hasText: 'disconnected'}).waitFor();
  await row.waitFor({state: 'detached'});
  assert.deepEqual(page.troubles, []);
  one.close();
  await page.close();
});

test('the page shows what is published in a room, as text, and how it ends', slow, async () => {
  const one = await client('/rooms/talk');
  const page = await open(`${url}#token=${token}`);
  await page.locator('#server').selectOption('/rooms/*');
  assert.equal(await page.locator('#tail').isVisible(), false);
  const row = page.locator('#rooms tr').filter({hasText: 'talk'});
  await row.getByRole('button', {name: 'tail'}).click();
  await page.locator('#tail-title', {hasText: 'talk of /rooms/*'}).waitFor();
  await server.logs(/shows room talk of/);
  const text = '<img src=x onerror=hurt()>';
  const messages = page.locator('#tail-messages');
  await page.locator('#tail-state', {hasText: 'from now on'}).waitFor();
  one.send(text);
  await messages.getByText(text, {exact: true}).waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await row.locator('td:nth-child(2)').textContent(), '1');
  for (let i = 0; i < 300; ++i)
    one.send('many');
  await page.locator('#tail-state', {hasText: 'not shown'}).waitFor();
  one.close();
  await page.locator('#tail-state', {hasText: 'the room has ended'}).waitFor();
  await row.waitFor({state: 'detached'});
  assert.deepEqual(page.troubles, []);
  await page.close();
});

test('numbers are renewed each second', slow, async () => {
  const page = await open(`${url}#token=${token}`);
  const connections = (x) => page.locator('#servers tr').filter({hasText: '/echo'})
      .locator('td:nth-child(2)', {hasText: new RegExp(`^${x}$`)});
  await connections(0).waitFor();
  const one = await client('/echo');
  await connections(1).waitFor();
  one.close();
  await connections(0).waitFor();
  await page.close();
});
