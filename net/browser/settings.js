/** What applies unless the options of a client say otherwise. */

/** @type {{served: {eventPrefix?: string, legacyStrings?: boolean, maxMessageSize?: number}}} */
const {served} = {served: {}}; // What a server sends has its settings here: net/client.cpp.

/** Close codes after which the same attempt may succeed. */
const AGAIN = [1001, 1006, 1011, 1012, 1013, 1014];

export const DEFAULTS = {
  protocol: 1,
  eventPrefix: 'm:',
  legacyStrings: false,
  maxMessageSize: Infinity,
  connectTimeout: 10000,
  idleTimeout: 0,
  authEvent: 'auth',
  joinEvent: 'join',
  leaveEvent: 'leave',
  ...served,
};
export const RECONNECT = {
  minDelay: 500,
  maxDelay: 30000,
  again: (/** @type {import('./link.js').End} */ {code}) => AGAIN.includes(code),
};
export const QUEUE = {messages: 1000, bytes: 1024 * 1024};

/**
 * @template {object} T
 * @param {T} defaults
 * @param {object} [given] what is undefined in it does not count
 * @returns {T & Record<string, any>}
 */
export function merge(defaults, given = {}) {
  const set = Object.entries(given).filter(([, x]) => x !== undefined);
  return {...defaults, ...Object.fromEntries(set)};
}

/**
 * @param {Record<string, any>} settings
 * @param {string[]} names
 */
export function checkAmounts(settings, ...names) {
  for (const x of names)
    if (!(settings[x] >= 0))
      throw new RangeError(`${x}: ${settings[x]}`);
}
