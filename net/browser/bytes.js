/** Bytes, and their text. Coders are made on use, since some environments lack them. */

/** @param {string} text */
export function toBytes(text) {
  return new TextEncoder().encode(text);
}

/**
 * @param {Uint8Array} bytes
 * @param {boolean} fatal throws if they are no UTF-8; else, what is none is replaced
 */
export function toText(bytes, fatal) {
  return new TextDecoder('utf-8', {ignoreBOM: true, fatal}).decode(bytes);
}

/** @param {any} x @returns {string} e.g. `Map`; not instanceof: it may come from another frame */
export function typeOf(x) {
  return Object.prototype.toString.call(x).slice(8, -1);
}

/**
 * @param {any} x
 * @returns {Uint8Array | null} a view; null if `x` holds no bytes
 */
export function viewOf(x) {
  if (ArrayBuffer.isView(x))
    return new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  return typeOf(x) === 'ArrayBuffer' ? new Uint8Array(x) : null;
}

/**
 * @param {string} head
 * @param {Uint8Array} bytes
 */
export function withHead(head, bytes) {
  const start = toBytes(head);
  const result = new Uint8Array(start.length + bytes.length);
  result.set(start);
  result.set(bytes, start.length);
  return result;
}

/** @param {any} message what a WebSocket can send @returns {number} bytes; at most, without a coder */
export function sizeOf(message) {
  if (typeof message !== 'string')
    return message.byteLength ?? message.size ?? 0;
  return globalThis.TextEncoder ? toBytes(message).length : message.length * 3;
}
