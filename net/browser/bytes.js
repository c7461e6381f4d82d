/** Bytes, and their text. */

export const utf8 = new TextEncoder();
export const lenient = new TextDecoder('utf-8', {ignoreBOM: true});
export const strict = new TextDecoder('utf-8', {ignoreBOM: true, fatal: true});

/**
 * @param {any} x
 * @returns {Uint8Array | null} a view; null if `x` holds no bytes
 */
export function viewOf(x) {
  if (ArrayBuffer.isView(x))
    return new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  // Not instanceof: it may come from another frame.
  if (Object.prototype.toString.call(x) === '[object ArrayBuffer]')
    return new Uint8Array(x);
  return null;
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

/** @param {any} message what a WebSocket can send */
export function sizeOf(message) {
  return typeof message === 'string' ? utf8.encode(message).length
                                     : message.byteLength ?? message.size ?? 0;
}
