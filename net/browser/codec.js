/** Events as messages: the wire format of docs/protocol.md. */

import {sizeOf, toBytes, typeOf, viewOf} from './bytes.js';
import {DEFAULTS} from './settings.js';
import {tagged, textOf, untagged} from './values.js';
import {WsError} from './ws_error.js';

/** @param {string} name */
function isName(name) {
  return name !== '' && !name.includes(';') && sizeOf(name) <= 255;
}

/**
 * @param {any} event
 * @param {any} data
 * @param {string} [prefix]
 * @returns {string | Uint8Array} the message: bytes make a binary one
 * @throws {TypeError}
 */
export function encode(event, data, prefix = DEFAULTS.eventPrefix) {
  const name = String(event);
  if (!/string|number/.test(typeof event) || !isName(name))
    throw new TypeError(`'${name}' cannot name an event: 1 to 255 bytes, no ';'`);
  return tagged(`${prefix}${name};`, data);
}

/**
 * @param {any} data
 * @returns {any} what a socket sends; bytes are copied
 * @throws {TypeError}
 */
export function rawOf(data) {
  const type = typeOf(data);
  if (/^(String|Number|Boolean|BigInt)$/.test(type))
    return String(data);
  const bytes = viewOf(data);
  if (!bytes && !/^(Blob|File)$/.test(type))
    throw new TypeError(`cannot send ${type}`);
  return bytes ? bytes.slice() : data;
}

/**
 * @param {any} message
 * @param {string} start
 */
export function startsWith(message, start) {
  if (typeof message === 'string')
    return message.startsWith(start);
  return toBytes(start).every((x, i) => message[i] === x);
}

/**
 * Reads a part of a message, which ends at the next ';'.
 * @param {string | Uint8Array} message
 * @param {number} from
 * @returns {[text: string, next: number]} and where the next part begins
 * @throws {WsError}
 */
export function partOf(message, from) {
  const separator = /** @type {never} */ (typeof message === 'string' ? ';' : 0x3b);
  const end = message.indexOf(separator, from);
  if (end < 0)
    throw new WsError('malformed_event', 'incomplete');
  return [textOf(message.slice(from, end), 'invalid_event_name'), end + 1];
}

/**
 * Reads an event from its name on.
 * @param {string | Uint8Array} message
 * @param {number} from where the name begins
 * @param {boolean} [legacyStrings]
 * @returns {{event: string, data: any}}
 * @throws {WsError}
 */
export function eventOf(message, from, legacyStrings) {
  const [event, at] = partOf(message, from);
  if (!isName(event))
    throw new WsError('invalid_event_name', 'invalid name');
  return {event, data: untagged(message, at, `event '${event}'`, legacyStrings)};
}

/**
 * @param {string | ArrayBuffer | Uint8Array} message
 * @param {string} [prefix]
 * @param {boolean} [legacyStrings] values are the text of the payload
 * @returns {{event: string, data: any} | null} null: this is no event
 * @throws {WsError}
 */
export function decode(message, prefix = DEFAULTS.eventPrefix, legacyStrings = false) {
  const parts = typeof message === 'string' ? message : new Uint8Array(message);
  if (!startsWith(parts, prefix))
    return null;
  const length = typeof parts === 'string' ? prefix.length : sizeOf(prefix);
  return eventOf(parts, length, legacyStrings);
}
