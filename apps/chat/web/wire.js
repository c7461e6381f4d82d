/**
 * The wire format: `m:<name>;<tag>;<payload>`, one WebSocket message per event.
 * See docs/protocol.md.
 */

const PREFIX = 'm:';

/**
 * @param {string} name without ';'
 * @param {*} [value] tagged by its type, like the server tags its own
 * @returns {string} the message
 */
export function encode(name, value) {
  const message = (tag, payload) => `${PREFIX}${name};${tag};${payload}`;
  if (value === undefined)
    return message(0, '');
  if (typeof value === 'string')
    return message(0, value);
  if (Number.isSafeInteger(value))
    return message(1, value);
  if (typeof value === 'boolean')
    return message(2, value);
  return message(4, JSON.stringify(value));
}

/**
 * @param {string} message
 * @returns {{name: string, value: *} | null} null if that is no event
 */
export function decode(message) {
  const parts = /^m:([^;]+);([0-4]);([^]*)$/.exec(message);
  if (!parts)
    return null;
  const [, name, tag, payload] = parts;
  try {
    return {name, value: valueOf(tag, payload)};
  } catch {
    return null;
  }
}

function valueOf(tag, payload) {
  switch (tag) {
    case '1': return payload === '' ? null : Number(payload);
    case '2': return payload === '' ? null : payload === 'true';
    case '4': return payload === '' ? null : JSON.parse(payload);
    default: return payload;
  }
}
