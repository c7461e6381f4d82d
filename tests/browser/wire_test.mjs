/** The wire format, by the vectors that the server is tested with, too. */

import {decode, encode} from '../../net/browser/client.js';
import {equal, read, test, throws} from './support/harness.mjs';

const vectors = JSON.parse(await read('data/wire_vectors.json'));

// What the server refuses to read and never sends; JSON.parse takes it.
const lenient = /129|half a surrogate|too large for a double/;

const fromHex = (x) => Uint8Array.from(x.match(/../g) ?? [], (y) => parseInt(y, 16));
const utf8 = (x) => new TextEncoder().encode(x);
const text = (x) => new TextDecoder('utf-8', {ignoreBOM: true}).decode(x);

/** The message of a vector as a WebSocket hands it over. */
function messageOf({text: x, hex, binary}) {
  if (!binary)
    return x;
  return (hex === undefined ? utf8(x) : fromHex(hex)).slice().buffer;
}

function bodyOf({body, body_hex: hex, tag}) {
  if (hex === undefined)
    return body;
  return tag === '3' ? fromHex(hex) : text(fromHex(hex));
}

for (const vector of vectors.filter((x) => x.direction !== 'encode')) {
  const {name, item, prefix, event, error, raw} = vector;
  // Integers that JSON.parse has rounded have a test of their own.
  if ((error && lenient.test(name)) || /^an integer: (largest|smallest|first)/.test(name))
    continue;
  test(`C63 ${item} takes ${name}`, () => {
    const result = () => decode(messageOf(vector), prefix);
    if (error)
      throws(result, error);
    else
      equal(result(), raw ? null : {event, data: bodyOf(vector)});
  });
}

for (const vector of vectors) {
  const {name, item, prefix, event, tag, canonical, error, raw} = vector;
  // A JavaScript value has neither a tag nor an encoding to get wrong.
  const isForUs = !raw && !error && vector.direction !== 'decode' && !vector.force_binary
                  && !(tag === '0' && vector.body_hex) && !/^an integer: (largest|smallest|first)/.test(name)
                  && !/beyond 64 bits|largest unsigned|with a point|exponent/.test(name);
  if (!isForUs)
    continue;
  test(`C64 ${item} sends ${name}`, () => {
    const message = encode(event, bodyOf(vector), prefix);
    const expected = canonical ?? vector.text;
    equal(message, expected ?? fromHex(vector.hex));
  });
}

test('C64 names that nobody may send', () => {
  for (const {event, name} of vectors.filter((x) => x.error === 'invalid_event_name'
                                                   && x.event !== undefined))
    throws(() => encode(event, 'x'), TypeError, name);
  encode('ä'.repeat(127), 'x');
  throws(() => encode('ä'.repeat(128), 'x'), TypeError); // 256 bytes.
});

test('C64 each type has its tag', () => {
  const date = new Date(0);
  for (const [value, message] of [
    ['hello', 'm:e;0;hello'],
    ['', 'm:e;0;'],
    [undefined, 'm:e;0;'],
    [0, 'm:e;1;0'],
    [-0, 'm:e;1;0'],
    [-42, 'm:e;1;-42'],
    [2 ** 53 - 1, 'm:e;1;9007199254740991'],
    [2 ** 53, 'm:e;4;9007199254740992'],
    [1e21, 'm:e;4;1e+21'],
    [1.5, 'm:e;4;1.5'],
    [NaN, 'm:e;4;null'],
    [-Infinity, 'm:e;4;null'],
    [true, 'm:e;2;true'],
    [false, 'm:e;2;false'],
    [null, 'm:e;4;null'],
    [date, 'm:e;4;"1970-01-01T00:00:00.000Z"'],
    [[1, 'a', null], 'm:e;4;[1,"a",null]'],
    [{a: {b: ';'}}, 'm:e;4;{"a":{"b":";"}}'],
    [new String('x'), 'm:e;4;"x"'],
    [{toJSON: () => 7}, 'm:e;4;7'],
  ])
    equal(encode('e', value), message);
});

test('C64 bytes go into a binary message, whatever holds them', () => {
  const expected = Uint8Array.from([...utf8('m:e;3;'), 1, 2, 0, 0]);
  const bytes = Uint8Array.from([9, 1, 2, 0, 0, 9]);
  for (const value of [
    bytes.slice(1, 5).buffer,
    bytes.subarray(1, 5),
    new DataView(bytes.buffer, 1, 4),
    Uint16Array.from([0x0201, 0]), // Wherever tests run, that is little-endian.
  ])
    equal(encode('e', value), expected);
  equal(encode('e', new ArrayBuffer(0)), utf8('m:e;3;'));
});

test('C64 what has no JSON is refused, not sent as something else', () => {
  const loop = {};
  loop.loop = loop;
  for (const value of [() => 1, Symbol('x'), loop, 2n ** 63n])
    throws(() => encode('e', value), TypeError);
});

test('C64 integers beyond the safe ones are exact, both ways', () => {
  for (const value of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n]) {
    const message = `m:e;1;${value}`;
    equal(decode(message), {event: 'e', data: value});
    equal(encode('e', value), message);
  }
  equal(decode(`m:e;1;${2 ** 53 - 1}`), {event: 'e', data: 2 ** 53 - 1});
});

test('C64 half a surrogate pair does not make the server refuse the JSON', () => {
  equal(encode('e', ['a\ud800', '\\ud800', '\\\udc00', '😀']),
        'm:e;4;["a\ufffd","\\\\ud800","\\\\\ufffd","😀"]');
});

test('C63 a byte order mark is text like any other', () => {
  equal(decode(utf8('m:\ufeffe;0;\ufeffx').buffer), {event: '\ufeffe', data: '\ufeffx'});
  throws(() => decode(utf8('m:e;4;\ufeff1').buffer), 'invalid_value');
});

test('C63 bytes that one gets are one\'s own', () => {
  const {data} = decode(utf8('m:e;3;xyz').buffer);
  equal(data, utf8('xyz'));
  equal(data.buffer.byteLength, 3);
});

test('C63 legacyStrings gives the text of the payload, whatever its type', () => {
  for (const [message, data] of [
    ['m:e;0;x', 'x'], ['m:e;1;007', '007'], ['m:e;2;true', 'true'],
    ['m:e;3;bytes', 'bytes'], ['m:e;4;{"a": 1}', '{"a": 1}'], ['m:e;4;{', '{'],
    ['m:e;1;', ''], [utf8('m:e;1;5').buffer, '5'],
    [utf8('m:e;3;x').buffer, utf8('x')], // No text and never was.
  ])
    equal(decode(message, 'm:', true), {event: 'e', data});
});

/** Reproducible: xorshift32. */
function* numbers(seed) {
  for (let x = seed; ; yield x >>> 0) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
}

test('C63 any message is an event, none, or an error with a kind', () => {
  const kinds = new Set(['malformed_event', 'invalid_event_name',
                         'unknown_type_tag', 'invalid_value']);
  const parts = ['m:', 'm', ':', ';', 'chat', '0', '1', '2', '3', '4', '7', '{', '"',
                 'true', '\u00ff', '\ud800', '\0', '', '-', '[]', '1e9'];
  const random = numbers(20_231);
  const pick = () => parts[random.next().value % parts.length];
  for (let i = 0; i < 20_000; ++i) {
    const message = Array.from({length: i % 9}, pick).join('');
    for (const x of [message, utf8(message), Uint8Array.from(message, (c) => c.charCodeAt(0))])
      try {
        decode(x);
      } catch (error) {
        if (!kinds.has(error.kind))
          throw new Error(`${JSON.stringify(message)}: ${error.stack}`);
      }
  }
});
