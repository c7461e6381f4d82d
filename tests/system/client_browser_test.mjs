/**
 * The client in a real browser: the tests of tests/browser, on a page of http
 * and on one of https, and a page written for the original.
 */

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readFileSync, readdirSync} from 'node:fs';
import {get} from 'node:http';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {launch} from './support/browser.mjs';
import {start} from './support/program.mjs';

const patient = {timeout: 90_000};
const root = path.resolve(import.meta.dirname, '../..');
const types = {'.mjs': 'text/javascript', '.js': 'text/javascript',
               '.json': 'application/json'};

let browser;
before(async () => browser = await launch());
after(() => browser?.close());

/** A page of that origin with the files of the repository, and no network. */
async function pageAt(origin) {
  const page = await browser.newPage();
  await page.route('**', (route) => {
    const name = new URL(route.request().url()).pathname;
    const contentType = types[path.extname(name)];
    return route.fulfill(contentType
      ? {contentType, body: readFileSync(path.join(root, name))}
      : {contentType: 'text/html', body: '<!DOCTYPE html><title>tests</title>'});
  });
  await page.goto(`${origin}/`);
  return page;
}

for (const origin of ['http://troupe.test', 'https://troupe.test'])
  describe(`C63 C64 unit tests on ${origin}`, patient, () => {
    for (const file of readdirSync(path.join(root, 'tests/browser')))
      if (file.endsWith('_test.mjs'))
        test(file, async (t) => {
          const page = await pageAt(origin);
          const results = await page.evaluate(async (x) => {
            const harness = await import('/tests/browser/support/harness.mjs');
            await import(`/tests/browser/${x}`);
            return harness.run();
          }, file);
          assert.ok(results.length >= 5);
          for (const {name, error} of results)
            await t.test(name, () => assert.equal(error, undefined));
          await page.close();
        });
  });

/** One person at the page of troupe-compat. */
async function visit(server) {
  const page = await browser.newPage();
  page.troubles = [];
  page.on('pageerror', (x) => page.troubles.push(x.message));
  await page.goto(server.url);
  const shows = (text) => page.locator('#output').getByText(text).waitFor();
  await shows('connected');
  return {
    page,
    shows,
    text: () => page.locator('#output').textContent(),
    async say(text) {
      await page.fill('#input', text);
      await page.click('#send');
    },
  };
}

/** A client that knows nothing but bytes. */
class Foreigner {
  #socket;
  #bytes = Buffer.alloc(0);

  static async connect(t, {port}) {
    const request = get({port, path: '/echo', headers: {
      'Connection': 'Upgrade',
      'Upgrade': 'websocket',
      'Sec-WebSocket-Version': 13,
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }});
    const [, socket, head] = await once(request, 'upgrade');
    t.after(() => socket.destroy());
    return new Foreigner(socket, head);
  }

  constructor(socket, head) {
    this.#socket = socket;
    this.#bytes = head;
    socket.on('data', (x) => this.#bytes = Buffer.concat([this.#bytes, x]));
  }

  /** Sends a text message, masked with zeros. */
  send(text) {
    const payload = Buffer.from(text);
    assert.ok(payload.length < 126);
    this.#socket.write(Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload]));
  }

  /** Goes, since it would answer no close frame. */
  leave() {
    this.#socket.destroy();
  }

  /** Waits for exactly this text message, down to the bytes of its frame. */
  async gets(text) {
    const payload = Buffer.from(text);
    const frame = Buffer.from([0x81, payload.length, ...payload]);
    while (this.#bytes.length < frame.length)
      await once(this.#socket, 'data');
    assert.deepEqual(this.#bytes.subarray(0, frame.length), frame);
    this.#bytes = this.#bytes.subarray(frame.length);
  }
}

const prefixes = ['m:', 'iris-websocket-message:', '</script>\\"\u2028é:'];

for (const prefix of prefixes)
  test(`C63 C2 a page for the original, with the prefix ${JSON.stringify(prefix)}`, patient, async (t) => {
    const server = await start('troupe-compat', 0, [`--ws.event-prefix=${prefix}`]);
    const raw = await Foreigner.connect(t, server);
    const alice = await visit(server);
    const bob = await visit(server);

    await alice.say('hello; Bob é');
    await bob.shows('they: hello; Bob é');
    await raw.gets(`${prefix}chat;0;hello; Bob é`);
    await bob.say('007'); // A string, and no integer.
    await alice.shows('they: 007');
    await raw.gets(`${prefix}chat;0;007`);
    raw.send(`${prefix}chat;0;from a foreign client`);
    await alice.shows('they: from a foreign client');
    await bob.shows('they: from a foreign client');
    // A broadcast is for all the others.
    assert.equal(await alice.text(),
                 'connected\nme: hello; Bob é\nthey: 007\nthey: from a foreign client\n');

    raw.leave();
    await server.endsWell();
    await alice.shows('disconnected');
    const again = await start('troupe-compat', server.port, [`--ws.event-prefix=${prefix}`]);
    await alice.page.waitForFunction(
      () => document.querySelector('#output').textContent.endsWith('disconnected\nconnected\n'));
    for (const {page} of [alice, bob]) {
      assert.deepEqual(page.troubles, []);
      await page.close();
    }
    await again.endsWell();
  });

test('C63 C2 the module that a server sends', patient, async (t) => {
  const prefix = prefixes.at(-1);
  const server = await start('troupe-compat', 0, [`--ws.event-prefix=${prefix}`]);
  const raw = await Foreigner.connect(t, server);
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.evaluate(async () => {
    const {Ws} = await import('/troupe.mjs');
    const ws = await new Ws('/echo').ready;
    ws.emit('chat', 'from a module');
  });
  await raw.gets(`${prefix}chat;0;from a module`);
  await page.close();
  raw.leave();
  await server.endsWell();
});
