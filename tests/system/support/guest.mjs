/** One person at the page of troupe-chat: what a test does and sees there. */

import assert from 'node:assert/strict';

/** For each thing that must happen, on a slow machine. */
const PATIENCE = 20_000;

/**
 * Pages of the same kind share a context, which saves most of the time to open
 * one. What the chat remembers belongs to a single page.
 */
const contexts = new WeakMap();

function contextFor(browser, options) {
  const known = contexts.get(browser) ?? new Map();
  contexts.set(browser, known);
  const key = JSON.stringify(options);
  if (!known.has(key))
    known.set(key, browser.newContext({
      viewport: {width: 1280, height: 800},
      locale: 'en-GB',
      ...options,
    }).then((x) => {
      x.setDefaultTimeout(PATIENCE);
      return x;
    }));
  return known.get(key);
}

export class Guest {
  /**
   * Opens the page.
   * @param {import('playwright-core').Browser} browser
   * @param {string} url
   * @param {Object} [options] of the browser's context, e.g. colorScheme
   */
  static async open(browser, url, options = {}) {
    const guest = new Guest(await (await contextFor(browser, options)).newPage());
    await guest.page.goto(url);
    return guest;
  }

  /** The same, and goes in. */
  static async enter(browser, url, nick, options) {
    const guest = await Guest.open(browser, url, options);
    await guest.signIn(nick);
    await guest.isIn('#lobby');
    return guest;
  }

  constructor(page) {
    this.page = page;
    this.troubles = []; // What no test may leave behind.
    page.on('pageerror', (x) => this.troubles.push(x.message));
    page.on('console', (x) => {
      // A server that is down, or killed just then, is no fault of the page.
      if (x.type() === 'error' && !/ERR_CONNECTION_(REFUSED|RESET)/.test(x.text()))
        this.troubles.push(x.text());
    });
    page.on('dialog', (x) => {
      this.troubles.push(`dialog: ${x.message()}`);
      x.dismiss();
    });
    this.text = page.locator('#text');
    this.log = page.getByRole('log');
    this.status = page.locator('#status');
  }

  async close() {
    await this.page.close();
    assert.deepEqual(this.troubles, []);
  }

  // -- doing ------------------------------------------------------------------

  async signIn(nick) {
    await this.page.getByLabel('Nickname').first().fill(nick);
    await this.page.keyboard.press('Enter');
  }

  /** Finds or creates a room. */
  async goTo(room) {
    await this.page.keyboard.press('Control+k');
    await this.page.getByLabel('Find or create a room').fill(room);
    await this.page.keyboard.press('Enter');
    await this.isIn(room);
  }

  async say(text) {
    await this.text.fill(text);
    await this.text.press('Enter');
  }

  // -- seeing -----------------------------------------------------------------

  /** One conversation in the list. */
  conversation(name) {
    return this.page.locator('#conversations button[data-open]')
        .filter({has: this.page.getByText(name, {exact: true})});
  }

  /** A message, by its whole text. */
  message(text) {
    return this.log.locator('.message .body').getByText(text, {exact: true});
  }

  hears(text) {
    return this.message(text).waitFor();
  }

  /** Waits until `f`, run in the page, is true; fails with the page's text. */
  async until(f, x) {
    try {
      return await this.page.waitForFunction(f, x, {timeout: PATIENCE});
    } catch (e) {
      e.message += `\n${await this.page.locator('body').innerText()}`;
      throw e;
    }
  }

  async isIn(room) {
    await this.until((x) => document.querySelector('#title').textContent === x
                            && /\bhere$/.test(document.querySelector('#subtitle').textContent),
                     room);
  }

  /** Waits until exactly these people are in the room on the screen. */
  sees(...people) {
    return this.until((x) => {
      const here = [...document.querySelectorAll('#people .name')];
      return here.map((y) => y.textContent).sort().join() === x;
    }, people.sort().join());
  }

  /** Waits until a room in the list, joined or not, says that so many are there. */
  counts(room, n) {
    return this.until(([name, count]) => {
      const rows = [...document.querySelectorAll('#conversations .row')];
      const row = rows.find((x) => x.querySelector('.name')?.textContent === name);
      return row?.querySelector('.count').textContent === count;
    }, [room, String(n)]);
  }

  isConnected(expected = true) {
    return this.until((x) => (document.querySelector('#status-text').textContent
                              === 'Connected') === x, expected);
  }
}
