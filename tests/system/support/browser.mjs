/** A real browser, without a screen and without a life of its own. */

import {chromium} from 'playwright-core';

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
    ],
  });
}
