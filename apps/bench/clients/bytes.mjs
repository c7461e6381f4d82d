/**
 * Prints how many bytes one dialogue takes in the protocol of troupe and in others, by their own
 * encoders: see ../README.md.
 */
import {JsonHubProtocol, MessageType} from '@microsoft/signalr';
import {encodePacket} from 'engine.io-parser';
import {Serializer} from 'phoenix';
import {Encoder, PacketType} from 'socket.io-parser';

import {encode} from '../../../net/browser/codec.js';
import {escaped, targetOf} from '../../../net/browser/frames.js';
import {tagged} from '../../../net/browser/values.js';

const ROOM = 'room:tea'; // Phoenix demands the colon.
const SAID = {from: 'Ada', text: 'good morning'};
const QUESTION = {numbers: [1, 2, 3]};
const ANSWER = {sum: 6};

const SILENCE = 300; // seconds
/** @returns {any[]} what is sent every `period` seconds of the silence */
const every = (period, ...messages) => Array(Math.floor(SILENCE / period)).fill(messages).flat();

/** Messages with their frame (RFC 6455), from the client with a mask. */
const up = (text) => ({text, bytes: sizeOf(text) + 4});
const down = (text) => ({text, bytes: sizeOf(text)});

function sizeOf(text) {
  const size = Buffer.byteLength(text);
  return size + (size < 126 ? 2 : size < 65536 ? 4 : 10);
}

/** What a function passes to its last parameter, at once. */
function passed(f, ...args) {
  let result;
  f(...args, (x) => result = x);
  return result;
}

const troupe = {
  join: () => [up(tagged(`j1;${escaped(ROOM)};`)), down(tagged('a1;', null))],
  event: () => [down(encode('said', SAID, `e${targetOf(ROOM)}`))],
  request: (id) => [
    up(encode('add', QUESTION, `q${id};${targetOf()}`)),
    down(tagged(`a${id};`, ANSWER)),
  ],
  leave: () => [up(`l${escaped(ROOM)};`)],
  // Beats for the client, pings of WebSocket for the server.
  silence: () => [...every(25, down('.')), ...every(54, down(''), up(''))],
};

const phx = (join_ref, ref, topic, event, payload) =>
  passed((x, f) => Serializer.encode(x, f), {join_ref, ref, topic, event, payload});
const asked = (join_ref, ref, topic, event, payload, response = {}) => [
  up(phx(join_ref, ref, topic, event, payload)),
  down(phx(join_ref, ref, topic, 'phx_reply', {status: 'ok', response})),
];

const phoenix = {
  join: () => asked('1', '1', ROOM, 'phx_join', {}),
  event: () => [down(phx(null, null, ROOM, 'said', SAID))],
  request: (id) => asked('1', `${id}`, ROOM, 'add', QUESTION, ANSWER),
  leave: () => [
    ...asked('1', '12', ROOM, 'phx_leave', {}),
    down(phx('1', '1', ROOM, 'phx_close', {})),
  ],
  silence: () => every(30, ...asked(null, '13', 'phoenix', 'heartbeat', {})),
};

const engine = (type, data) => passed(encodePacket, {type, data}, false);
const io = (type, id, ...data) =>
  engine('message', new Encoder().encode({type: PacketType[type], nsp: '/', id, data})[0]);

const socketIo = {
  join: () => [up(io('EVENT', 1, 'join', ROOM)), down(io('ACK', 1))],
  event: () => [down(io('EVENT', undefined, 'said', SAID))],
  request: (id) => [up(io('EVENT', id, 'add', QUESTION)), down(io('ACK', id, ANSWER))],
  leave: () => [up(io('EVENT', undefined, 'leave', ROOM))],
  silence: () => every(25, down(engine('ping')), up(engine('pong'))),
};

const hub = (type, message) =>
  new JsonHubProtocol().writeMessage({type: MessageType[type], ...message});
const invoked = (invocationId, target, argument, result) => [
  up(hub('Invocation', {arguments: [argument], invocationId, target})),
  down(hub('Completion', {invocationId, result})),
];

const signalR = {
  join: () => invoked('1', 'join', ROOM, null),
  event: () => [down(hub('Invocation', {target: 'said', arguments: [SAID]}))],
  request: (id) => invoked(`${id}`, 'add', QUESTION, ANSWER),
  leave: () => [up(hub('Invocation', {arguments: [ROOM], target: 'leave'}))],
  silence: () => every(15, up(hub('Ping')), down(hub('Ping'))),
};

/** @returns {Record<string, {text: string, bytes: number}[]>} the messages of each step */
function dialogue({join, event, request, leave, silence}) {
  const ten = [...Array(10).keys()];
  return {
    'join': join(),
    '10 events': ten.flatMap(event),
    '10 requests': ten.flatMap((i) => request(i + 2)), // The join had the first id.
    'leave': leave(),
    '5 minutes of silence': silence(),
  };
}

export const dialogues = {
  'troupe.2': dialogue(troupe),
  'socket.io': dialogue(socketIo),
  'SignalR, JSON': dialogue(signalR),
  'Phoenix, V2': dialogue(phoenix),
};

/** @returns {string} in Markdown: bytes of the frames in both directions */
export function table() {
  const sum = (xs) => xs.reduce((a, b) => a + b, 0);
  const rows = Object.entries(dialogues).map(([name, steps]) => {
    const bytes = Object.values(steps).map((messages) => sum(messages.map((x) => x.bytes)));
    return [name, ...bytes, sum(bytes)];
  });
  const steps = Object.keys(dialogues['troupe.2']);
  const lines = [['bytes', ...steps, 'all'], ['---', ...steps.map(() => '---:'), '---:'], ...rows];
  return lines.map((x) => `| ${x.join(' | ')} |\n`).join('');
}

if (process.argv[1] === import.meta.filename)
  process.stdout.write(table());
