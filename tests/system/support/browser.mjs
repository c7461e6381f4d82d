/** A real browser, without a screen and without a life of its own. */

import {execFileSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import path from 'node:path';

import {chromium} from 'playwright-core';

/**
 * Makes the browsers of a user trust a certificate authority.
 * @param {string} home the user's
 * @param {string} authority the file of its certificate
 */
export function trust(home, authority) {
  const store = path.join(home, '.pki', 'nssdb');
  mkdirSync(store, {recursive: true});
  const certutil = (...args) =>
      execFileSync('certutil', ['-d', `sql:${store}`, ...args]);
  certutil('-N', '--empty-password');
  certutil('-A', '-n', 'test', '-t', 'C,,', '-i', authority);
}

/** @param {object} [options] further ones of Playwright */
export function launch(options = {}) {
  return chromium.launch({
    ...options,
    executablePath: process.env.TROUPE_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...options.args ?? [],
    ],
  });
}
