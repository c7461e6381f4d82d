/** What only a browser has: workers, frames, files, a network that comes and goes. */

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {start} from './support/program.mjs';

const patient = {timeout: 90_000};
const root = path.resolve(import.meta.dirname, '../..');

let browser;
before(async () => browser = await launch());
after(() => browser?.close());

/** A page at the server, with the modules of the repository; the rest is the server's. */
async function pageOf(t, server) {
  const context = await browser.newContext();
  t.after(() => context.close());
  context.setDefaultTimeout(20_000);
  await context.route('**/net/browser/*.js', (route) => {
    const name = new URL(route.request().url()).pathname;
    const body = readFileSync(path.join(root, name));
    return route.fulfill({contentType: 'text/javascript', body});
  });
  const page = await context.newPage();
  await page.goto(`${server.url}/`); // Its page is not found, which is a page as well.
  await page.evaluate(async () => {
    const {Ws} = await import('/net/browser/client.js');
    globalThis.log = [];
    globalThis.connect = (endpoint, options) => {
      const ws = new Ws(endpoint, null, options);
      ws.onState((x) => log.push(x));
      ws.onDisconnect(({code, reason}) => log.push(`${code} ${reason}`));
      globalThis.ws = ws;
    };
  });
  /** Waits for an entry of the log. */
  page.logs = (text) => page.waitForFunction((x) => log.includes(x), text);
  /** Connects and waits until that has worked. */
  page.connect = async (...args) => {
    await page.evaluate((x) => connect(...x), args);
    await page.logs('open');
    await page.evaluate(() => log.length = 0);
  };
  return page;
}

/** A server that takes our events for raw messages and sends them back. */
const echo = (port) => start('troupe-echo', port, ['--ws.event-prefix=other:']);

/** Long waits, which only a sign ends. */
const slow = {reconnect: {minDelay: 3_600_000, maxDelay: 3_600_000}};

test('a page notices a server that is frozen, and comes back to it', patient, async (t) => {
  const server = await echo();
  t.after(() => server.stop('SIGKILL'));
  const page = await pageOf(t, server);
  const asked = page.waitForResponse((x) => x.url().endsWith('/echo'));
  await page.connect('/echo', {idleTimeout: 1000, connectTimeout: 500,
                               reconnect: {maxDelay: 200}});
  const answer = await asked; // By HTTP, which the server answers.
  assert.equal(answer.request().method(), 'HEAD');
  server.signal('SIGSTOP');
  await page.logs('1006 no sign of life');
  await page.evaluate(() => {
    globalThis.heard = ws.once('e'); // Now: the answer may be quick.
    ws.emit('e', 'waited');
  });
  server.signal('SIGCONT');
  assert.equal(await page.evaluate(() => heard), 'waited');
});

test('a page that has the network again connects at once', patient, async (t) => {
  const server = await echo();
  const page = await pageOf(t, server);
  await page.connect('/echo', slow);
  await server.stop('SIGKILL');
  await page.logs('waiting');
  const again = await echo(server.port);
  t.after(() => again.stop());
  await page.context().setOffline(true);
  await page.context().setOffline(false);
  await page.logs('open');
});


test('a worker from a blob finds the host of its page', patient, async (t) => {
  const server = await echo();
  t.after(() => server.stop());
  const page = await pageOf(t, server);
  const heard = await page.evaluate(() => new Promise((resolve) => {
    const source = `
      import {Ws} from '${location.origin}/net/browser/client.js';
      const ws = new Ws('/echo');
      ws.on('e', postMessage);
      ws.emit('e', 'from a worker');`;
    const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
    const worker = new Worker(url, {type: 'module'});
    worker.onmessage = ({data}) => resolve(data);
    worker.onerror = (x) => resolve(x.message);
  }));
  assert.equal(heard, 'from a worker');
});

test('a frame from srcdoc finds the host of its page', patient, async (t) => {
  const server = await echo();
  t.after(() => server.stop());
  const page = await pageOf(t, server);
  const heard = await page.evaluate(() => new Promise((resolve) => {
    addEventListener('message', ({data}) => resolve(data));
    const frame = document.createElement('iframe');
    frame.srcdoc = `<script type="module">
      import {Ws} from '/net/browser/client.js';
      const ws = new Ws('/echo');
      ws.on('e', (x) => parent.postMessage(x, '*'));
      ws.emit('e', 'from a frame');</script>`;
    document.body.append(frame);
  }));
  assert.equal(heard, 'from a frame');
});


test('what a file holds is refused, and its bytes are sent', patient, async (t) => {
  const server = await echo();
  t.after(() => server.stop());
  const page = await pageOf(t, server);
  await page.connect('/echo');
  const result = await page.evaluate(async () => {
    const file = new File(['photo'], 'photo.png');
    const errors = [];
    for (const x of [file, {file}, document.body, new FormData()])
      try {
        ws.emit('e', x);
      } catch (error) {
        errors.push(error.message);
      }
    const next = ws.once('e');
    ws.emit('e', await file.arrayBuffer());
    return {errors, heard: String.fromCharCode(...await next)};
  });
  assert.equal(result.heard, 'photo');
  for (const [i, pattern] of [/File/, /File.*'file'/, /HTMLBodyElement/, /FormData/].entries())
    assert.match(result.errors[i], pattern);
});
