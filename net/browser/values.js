/** Values after the tag of their type: what each message that holds a value ends with. */

import {toBytes, toText, typeOf, viewOf, withHead} from './bytes.js';
import {WsError} from './ws_error.js';

/** @typedef {import('./client.js').ErrorKind} ErrorKind */

/** What JSON represents. Of others, such as a Map, it would lose what they hold. */
const JSON_TYPES = /^(Object|Array|String|Number|Boolean|Null)$/;

/**
 * Refuses what JSON.stringify would leave out or change.
 * @this {any} the object or array of which `value` is a member
 * @param {string} key
 * @param {any} value the member, after its `toJSON`
 */
function checked(key, value) {
  const where = key && ` ('${key}')`;
  if (viewOf(this[key]))
    throw new TypeError(`cannot send bytes inside of JSON${where}`);
  const isLeftOut = value === undefined && typeOf(this) !== 'Array';
  if (!isLeftOut && !JSON_TYPES.test(typeOf(value)))
    throw new TypeError(`cannot send ${typeOf(value)}${where}`);
  return value;
}

/**
 * @param {any} data
 * @returns {string} JSON without half surrogate pairs, which servers refuse
 */
export function toJson(data) {
  const json = JSON.stringify(data, checked);
  if (json === undefined)
    throw new TypeError('cannot send this');
  // The only escapes for surrogates that JSON.stringify makes.
  return !json.includes('\\ud') ? json : json.replace(
    /\\(?:u[\da-f]{4}|[^])/g, (x) => x.startsWith('\\ud') ? '\ufffd' : x);
}

/**
 * @param {string} head what comes before the tag
 * @param {any} data
 * @returns {string | Uint8Array} the message: bytes make a binary one
 * @throws {TypeError}
 */
export function tagged(head, data) {
  if (data === undefined)
    return `${head}0;`;
  if (typeof data === 'string')
    return `${head}0;${data}`;
  if (typeof data === 'bigint' ? BigInt.asIntN(64, data) === data
                               : Number.isSafeInteger(data))
    return `${head}1;${data}`;
  if (typeof data === 'boolean')
    return `${head}2;${data}`;
  const bytes = viewOf(data);
  return bytes ? withHead(`${head}3;`, bytes) : `${head}4;${toJson(data)}`;
}

/**
 * @param {string | Uint8Array} part
 * @param {ErrorKind} [kind] the error if it is no UTF-8;
 *     without, what is none is replaced
 */
export function textOf(part, kind) {
  if (typeof part === 'string')
    return part;
  try {
    return toText(part, !!kind);
  } catch {
    throw new WsError(/** @type {ErrorKind} */ (kind), 'no UTF-8');
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

/** @param {string} text @returns {any} undefined if this is none */
export function fromJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} tag
 * @param {string | Uint8Array} payload
 * @returns {any} undefined: there is none
 */
function valueOf(tag, payload) {
  if (tag === '0')
    return textOf(payload);
  if (tag === '3')
    return typeof payload === 'string' ? toBytes(payload) : payload;
  const text = textOf(payload, 'invalid_value');
  if (text === '')
    return null;
  if (tag === '4')
    return fromJson(text);
  return tag === '1' ? toInteger(text) : toBoolean(text);
}

/**
 * Reads the end of a message: a tag and the value.
 * @param {string | Uint8Array} message
 * @param {number} at where the tag is
 * @param {string} what the message is about, for errors
 * @param {boolean} [isText] the value is the text of the payload
 * @returns {any}
 * @throws {WsError}
 */
export function untagged(message, at, what, isText) {
  const [tag, after] = textOf(message.slice(at, at + 2));
  if (!(tag >= '0' && tag <= '9' && after === ';'))
    throw new WsError('malformed_event', `${what} has no type`);
  if (tag > '4')
    throw new WsError('unknown_type_tag', `${what} has type ${tag}`);
  const payload = message.slice(at + 2);
  const isBytes = tag === '3' && typeof payload !== 'string';
  const data = isText && !isBytes ? textOf(payload) : valueOf(tag, payload);
  if (data === undefined)
    throw new WsError('invalid_value', `${what} has no value of type ${tag}`);
  return data;
}
