/** Bytes, and their text. Coders are made on first use, since some environments lack them. */

/** @type {TextEncoder | undefined} */
let encoder;
/** @type {Record<string, TextDecoder>} */
const decoders = {};

/** @param {string} text */
export function toBytes(text) {
  encoder = encoder ?? new TextEncoder();
  return encoder.encode(text);
}

/**
 * @param {Uint8Array} bytes
 * @param {boolean} [fatal] throws if they are no UTF-8; else, what is none is replaced
 */
export function toText(bytes, fatal = false) {
  const key = String(fatal);
  decoders[key] = decoders[key] ?? new TextDecoder('utf-8', {ignoreBOM: true, fatal});
  return decoders[key].decode(bytes);
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

/** @param {Uint8Array[]} parts */
export function concat(...parts) {
  const result = new Uint8Array(parts.reduce((sum, x) => sum + x.length, 0));
  let at = 0;
  for (const x of parts) {
    result.set(x, at);
    at += x.length;
  }
  return result;
}

/** @param {string} text @returns {number} bytes as UTF-8 */
function utf8Length(text) {
  let result = 0;
  for (let i = 0; i < text.length; ++i) {
    const unit = text.charCodeAt(i);
    result += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    // A pair of surrogates has four bytes; half of one is replaced by three.
    if (unit >> 10 === 0x36 && text.charCodeAt(i + 1) >> 10 === 0x37) {
      result += 1;
      i += 1;
    }
  }
  return result;
}

/** @param {any} message what a WebSocket can send */
export function sizeOf(message) {
  return typeof message === 'string' ? utf8Length(message)
                                     : message.byteLength ?? message.size ?? 0;
}
