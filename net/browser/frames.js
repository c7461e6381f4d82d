/** The parts of messages of protocol 2: docs/protocol-2.md. */

import {sizeOf, typeOf} from './bytes.js';
import {partOf} from './codec.js';
import {fromJson, textOf} from './values.js';
import {WsError} from './ws_error.js';

/** @param {string} what @returns {never} */
function malformed(what) {
  throw new WsError('malformed', `invalid ${what}`);
}

/** @param {string} room */
export function escaped(room) {
  if (typeof room !== 'string' || room === '' || sizeOf(room) > 255)
    throw new TypeError(`'${room}' cannot name a room`);
  return room.replace(/[%;]/g, (x) => x === '%' ? '%25' : '%3B');
}

/** @param {string} [room] without: none */
export function targetOf(room) {
  return room === undefined ? ';' : `#${escaped(room)};`;
}

/** @param {string} text */
export const isCode = (text) => /^[a-z\d_]{1,64}$/.test(text);

/** Takes a message apart, from the left. */
export class Reader {
  /** @param {string | Uint8Array} message */
  constructor(message) {
    this.message = message;
    this.kind = textOf(message.slice(0, 1));
    this.at = 1;
  }

  text() {
    const [text, next] = partOf(this.message, this.at);
    this.at = next;
    return text;
  }

  id(least = 0) {
    const text = this.text();
    const id = Number(text);
    return String(id) === text && Number.isSafeInteger(id) && id >= least ? id : malformed('id');
  }

  code() {
    const text = this.text();
    return isCode(text) ? text : malformed('code');
  }

  /** @param {string} [text] */
  room(text = this.text()) {
    const room = text.replace(/%25|%3B/g, (x) => x === '%25' ? '%' : ';');
    return text === '' || /%(?!25|3B)/.test(text) || sizeOf(room) > 255 ? malformed('room') : room;
  }

  /** @returns {string | undefined} a room */
  target() {
    const text = this.text();
    return text === '' ? undefined
      : text[0] === '#' ? this.room(text.slice(1)) : malformed('target');
  }

  rest() {
    return this.message.slice(1);
  }

  /** @returns {any} an object */
  json() {
    const result = fromJson(textOf(this.rest(), 'malformed'));
    return typeOf(result) === 'Object' ? result : malformed('object');
  }
}
