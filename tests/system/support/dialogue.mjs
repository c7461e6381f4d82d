/** Plays the dialogues of tests/data/dialogues.json with the JavaScript client. */

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';

import {WsError} from '../../../net/browser/client.js';

const file = new URL('../../data/dialogues.json', import.meta.url);

export const DIALOGUES = JSON.parse(readFileSync(file, 'utf8'));

const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));

const valueOf = (step) => step.hex === undefined ? step.value : bytes(step.hex);

/** Members that are called `__proto__` count, too. */
const same = (got, expected, step) =>
  assert.equal(show(got), show(expected), JSON.stringify(step));

export const show = (x) => x instanceof Uint8Array ? `bytes ${Buffer.from(x).toString('hex')}`
  : JSON.stringify(x, (_, y) => y === undefined ? 'undefined' : y && typeof y === 'object'
    && !Array.isArray(y) ? Object.entries(y).sort() : y);

/** How a request ended: its answer, or the kind of its error. */
const outcomeOf = (promise) =>
  promise.then((answer) => ({answer}), (error) => ({error: error.kind, what: error}));

/**
 * One client. Each has rooms and words of its own: their names end with
 * `suffix`. Without `isStrict`, what happens is recorded and need not be as
 * written, as when the connection is lost.
 */
export class Speaker {
  constructor(ws, suffix = '', isStrict = true) {
    Object.assign(this, {ws, suffix, isStrict});
    this.heard = [];
    this.errors = [];
    this.outcomes = []; // Of all requests and joins.
    this.words = new Map(); // That the server counts: the outcomes of each.
    this.wanted = new Set(); // Rooms that this is to be in.
    this.held = [];
    this.news = () => {};
    this.expected = []; // Requests of the server.
    const hear = (x) => (this.heard.push(x), this.news());
    ws.onAny((event, value, room) => hear(room === undefined ? {event, value}
                                                             : {room, event, value}));
    ws.onMessage((x) => hear(typeof x === 'string' ? {raw: x}
                                                   : {raw_hex: Buffer.from(x).toString('hex')}));
    ws.onError((x) => (this.errors.push(x), this.news()));
    ws.onDrop(() => {});
    for (const {asked} of Object.values(DIALOGUES).flat())
      asked && ws.onRequest(asked.event, (value) => this.answer(asked.event, value));
    const rooms = Object.values(DIALOGUES).flat().map((x) => x.room ?? x.room_value);
    for (const room of new Set(rooms.filter((x) => x)))
      this.room(room).onChange((change) => {
        if (change === 'left')
          this.wanted.delete(this.named(room));
        hear({change, room: this.named(room)});
      });
  }

  named(name) {
    return name + this.suffix;
  }

  room(name) {
    return this.ws.room(this.named(name));
  }

  /** What is heard, in a room of this. */
  own(x) {
    return x.room ? {...x, room: this.named(x.room)} : x;
  }

  /** @returns what the server is answered */
  answer(event, value) {
    const asked = this.expected.find((x) => x.event === event);
    if (!asked)
      throw new WsError('no_handler', '');
    same(value, asked.value, asked);
    if (asked.error)
      throw new WsError(asked.error, '');
    return asked.answer;
  }

  async until(isThere) {
    while (!isThere())
      await new Promise((resolve) => this.news = resolve);
  }

  async play(steps) {
    for (const step of steps) {
      await this[step.do](step);
      if (!this.isStrict)
        continue;
      const {hears = []} = step;
      await this.until(() => this.heard.length >= hears.length);
      same(this.heard.splice(0), hears.map((x) => this.own(x)), step);
    }
  }

  check(step, got) {
    this.outcomes.push(got);
    if (!this.isStrict)
      return;
    if (step.error) {
      same(got.error, step.error, step);
      same(got.what.after, step.after, step);
      step.message && same(got.what.message, step.message, step);
    } else {
      same(got.answer, step.hex_answer === undefined ? step.answer : bytes(step.hex_answer), step);
    }
  }

  // -- steps ------------------------------------------------------------------

  async request(step) {
    let value = valueOf(step);
    if (step.room_value) {
      const room = this.named(step.room_value);
      value = value === undefined ? room : [room, ...value];
    }
    if (step.word)
      value = this.named(step.word);
    this.expected = step.asked ? [step.asked] : [];
    const who = step.room ? this.room(step.room) : this.ws;
    const outcome = outcomeOf(who.request(step.event, value));
    if (step.later)
      return void this.held.push([step, outcome]);
    const got = await outcome;
    this.check(step, got);
    if (step.word)
      this.words.set(value, [...this.words.get(value) ?? [], got]);
    if (step.settles)
      for (const [held, what] of this.held)
        this.check(held, await what);
  }

  async event({event, value}) {
    this.ws.emit(event, value);
  }

  async raw(step) {
    this.ws.emitMessage(valueOf(step));
  }

  async join(step) {
    if (!step.error)
      this.wanted.add(this.named(step.room));
    const room = this.room(step.room);
    this.check(step, await outcomeOf(room.join(valueOf(step))));
  }

  async leave({room}) {
    this.room(room).leave();
    this.wanted.delete(this.named(room));
  }

  async publish({room, event, value, error}) {
    const isSent = this.room(room).emit(event, value);
    if (!this.isStrict || !error)
      return;
    if (error === 'not_member')
      return same(isSent, false, error);
    await this.until(() => this.errors.length > 0);
    same(this.errors.splice(0).map((x) => x.kind), [error], error);
  }

  async rooms({rooms}) {
    const got = await outcomeOf(this.ws.request('rooms'));
    this.outcomes.push(got);
    if (this.isStrict)
      same([...got.answer].sort(), rooms.map((x) => this.named(x)).sort(), 'rooms');
  }

  async probe() {
    this.ws._dialect.ask();
  }

  async hello({auth, error}) {
    this.ws._dialect._say(auth);
    if (!error || !this.isStrict)
      return;
    await this.until(() => this.errors.length > 0);
    same(this.errors.splice(0).map((x) => x.kind), [error], error);
  }
}
