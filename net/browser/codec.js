/** Events as messages: the wire format of docs/protocol.md. */

import {concat, lenient, strict, utf8, viewOf} from './bytes.js';
import {DEFAULTS} from './settings.js';
import {WsError} from './ws_error.js';

/** @typedef {import('./client.js').ErrorKind} ErrorKind */

/** @param {string} name */
function isName(name) {
  return name !== '' && !name.includes(';') && utf8.encode(name).length <= 255;
}

/**
 * @param {any} data
 * @returns {string} JSON without half surrogate pairs, which servers refuse
 */
function toJson(data) {
  const json = JSON.stringify(data);
  if (json === undefined)
    throw new TypeError(`a ${typeof data} cannot be sent`);
  // The only escapes for surrogates that JSON.stringify makes.
  return !json.includes('\\ud') ? json : json.replace(
    /\\(?:u[\da-f]{4}|[^])/g, (x) => x.startsWith('\\ud') ? '\ufffd' : x);
}

/**
 * @param {string} event
 * @param {any} data
 * @param {string} [prefix]
 * @returns {string | Uint8Array} the message: bytes make a binary one
 */
export function encode(event, data, prefix = DEFAULTS.eventPrefix) {
  const name = String(event);
  if (!isName(name))
    throw new TypeError(`'${name}' cannot name an event: 1 to 255 bytes, no ';'`);
  const message = (/** @type {number} */ tag, /** @type {any} */ payload) =>
    `${prefix}${name};${tag};${payload}`;
  if (data === undefined)
    return message(0, '');
  if (typeof data === 'string')
    return message(0, data);
  if (typeof data === 'bigint' ? BigInt.asIntN(64, data) === data
                               : Number.isSafeInteger(data))
    return message(1, data);
  if (typeof data === 'boolean')
    return message(2, data);
  const bytes = viewOf(data);
  return bytes ? concat(utf8.encode(message(3, '')), bytes)
               : message(4, toJson(data));
}

/**
 * Cuts a message up. Of bytes, the payload stays bytes.
 * @param {string | Uint8Array} message
 * @param {string} prefix
 * @returns {{event: string, tag: number, payload: string | Uint8Array} | null}
 */
function split(message, prefix) {
  // The head is short and its end easy to find, in text as in bytes.
  const isText = typeof message === 'string';
  const start = isText ? prefix : utf8.encode(prefix);
  for (let i = 0; i < start.length; ++i)
    if (message[i] !== start[i])
      return null;
  const separator = /** @type {never} */ (isText ? ';' : 0x3b);
  const end = message.indexOf(separator, start.length);
  if (end < 0)
    throw new WsError('malformed_event', 'an event ends in its name');
  const text = (/** @type {number} */ from, /** @type {number} */ to) =>
    textOf(message.slice(from, to), 'invalid_event_name');
  const event = text(start.length, end);
  if (!isName(event))
    throw new WsError('invalid_event_name', 'an event has an invalid name');
  const type = message.slice(end + 1, end + 3);
  const [tag, after] = isText ? type : lenient.decode(/** @type {any} */ (type));
  if (!(tag >= '0' && tag <= '9' && after === ';'))
    throw new WsError('malformed_event', `event '${event}' has no type`);
  if (tag > '4')
    throw new WsError('unknown_type_tag', `event '${event}' has type ${tag}`);
  return {event, tag: Number(tag), payload: message.slice(end + 3)};
}

/**
 * @param {string | Uint8Array} payload
 * @param {ErrorKind} [kind] the error if it is no UTF-8;
 *     without, what is none is replaced
 */
function textOf(payload, kind) {
  if (typeof payload === 'string')
    return payload;
  if (!kind)
    return lenient.decode(payload);
  try {
    return strict.decode(payload);
  } catch {
    throw new WsError(kind, 'an event is no UTF-8');
  }
}

/** @param {string} text */
function toInteger(text) {
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value)
    return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value; // Never rounded.
}

/** @param {string} text */
function toBoolean(text) {
  if (/^(1|t|T|TRUE|true|True)$/.test(text))
    return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** @param {string} text */
function fromJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {number} tag
 * @param {string | Uint8Array} payload
 * @returns {any}
 */
function valueOf(tag, payload) {
  if (tag === 0)
    return textOf(payload);
  if (tag === 3)
    return typeof payload === 'string' ? utf8.encode(payload) : payload;
  const text = textOf(payload, 'invalid_value');
  if (text === '')
    return null;
  if (tag === 4)
    return fromJson(text);
  return tag === 1 ? toInteger(text) : toBoolean(text);
}

/**
 * @param {string | ArrayBuffer | Uint8Array} message
 * @param {string} [prefix]
 * @param {boolean} [legacyStrings] values are the text of the payload
 * @returns {{event: string, data: any} | null} null: this is no event
 * @throws {WsError}
 */
export function decode(message, prefix = DEFAULTS.eventPrefix, legacyStrings = false) {
  const parts = split(typeof message === 'string'
    ? message : new Uint8Array(message), prefix);
  if (!parts)
    return null;
  const {event, tag, payload} = parts;
  const isBytes = tag === 3 && typeof payload !== 'string';
  const data = legacyStrings && !isBytes ? textOf(payload) : valueOf(tag, payload);
  if (data === undefined)
    throw new WsError('invalid_value', `event '${event}' holds no value of type ${tag}`);
  return {event, data};
}
