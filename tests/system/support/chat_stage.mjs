/**
 * The sample chat as people use it: the program, its page in a real browser, and
 * the guests of the test that runs.
 */

import {mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {launch} from './browser.mjs';
import {Guest} from './guest.mjs';
import {start} from './program.mjs';

const artifacts = process.env.TROUPE_TEST_ARTIFACTS
                  ?? mkdtempSync(path.join(tmpdir(), 'troupe-chat-'));

/** A test that replaces the server leaves another one here. */
export const stage = {server: null};

let browser;
const guests = [];

/** Runs the tests that `f` declares with one server and one browser. */
export function onStage(f) {
  describe('troupe-chat', () => {
    before(async () => {
      stage.server = await start('troupe-chat');
      browser = await launch();
    });

    after(async () => {
      await browser?.close();
      await stage.server?.endsWell();
    });

    f();
  });
}

export const open = async (options) => {
  guests.push(await Guest.open(browser, stage.server.url, options));
  return guests.at(-1);
};

export const enter = async (nick, options) => {
  guests.push(await Guest.enter(browser, stage.server.url, nick, options));
  return guests.at(-1);
};

/** Sees a guest out before the test ends. */
export async function leave(guest) {
  await guest.close();
  guests.splice(guests.indexOf(guest), 1);
}

/** Runs a test and sees all guests out, who must not have had any trouble. */
export function story(name, f) {
  test(name, {timeout: 90_000}, async () => {
    try {
      await f();
    } finally {
      const all = guests.splice(0);
      const ends = await Promise.allSettled(all.map((x) => x.close()));
      const failed = ends.find((x) => x.status === 'rejected');
      if (failed)
        throw failed.reason; // eslint-disable-line no-unsafe-finally
    }
  });
}

export const shot = (guest, name) =>
  guest.page.screenshot({path: path.join(artifacts, `chat-${name}.png`)});
