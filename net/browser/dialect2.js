import {withHead} from './bytes.js';
import {Calls} from './calls.js';
import {encode, eventOf, rawOf} from './codec.js';
import {Reader, escaped, isCode, targetOf} from './frames.js';
import {after} from './pulse.js';
import {Room} from './room.js';
import {tagged, toJson, untagged} from './values.js';
import {WsError} from './ws_error.js';

export const SUBPROTOCOL = 'troupe.2';

/** What the network may take, and then an answer to a probe, in milliseconds. */
const SLACK = 5000;

/** A right of this time, in milliseconds, is what one that could not be renewed is taken for. */
const RENEW_AGAIN = 10000;

/** Version 2 of the protocol, docs/protocol-2.md. */
export class Dialect2 {
  /**
   * @param {Record<string, any>} settings
   * @param {import('./link.js').Link} link
   * @param {import('./outbox.js').Outbox} outbox
   * @param {{
   *   _report(error: any): void, _debug(text: string, ...details: any[]): void,
   *   _heard(event: string, data: any, room?: string): void,
   *   _heardRaw(message: any, why: string): void, _advised(advice: any): void,
   *   _answer(event: string, data: any, room?: string): any,
   * }} user
   */
  constructor(settings, link, outbox, user) {
    this.settings = settings;
    this.link = link;
    this.outbox = outbox;
    this.user = user;
    this.calls = new Calls(outbox);
    /** @type {Map<string, Room>} */
    this.rooms = new Map();
    /** @type {any} What the server has said in its hello. */
    this.hello = null;
    /** @type {any} */
    this._timer = undefined;
  }

  /** The socket is there. @param {any} auth */
  begin(auth) {
    const {link} = this;
    if (link.socket?.protocol === SUBPROTOCOL)
      this._say(auth);
    else
      link.failed(link.turn, new WsError('protocol', `no ${SUBPROTOCOL}`));
  }

  /** @param {any} auth */
  _say(auth) {
    this.link.socket?.send(`h${toJson({v: 2, auth})}`);
  }

  /** Says what comes before all else. */
  greet() {
    this.rooms.forEach((x) => x.state === 'joining' && x._enter());
  }

  /** The connection is lost, or the attempt has failed. @param {any} [error] there is no other */
  lost(error) {
    clearTimeout(this._timer);
    this.hello = null;
    this.calls.lost();
    this.rooms.forEach((x) => x._lost(error));
  }

  ask() {
    this.link.socket?.send('?');
    return true;
  }

  // -- what goes out ----------------------------------------------------------

  /**
   * @param {string} event
   * @param {any} data
   * @param {string} [room]
   */
  event(event, data, room) {
    return encode(event, data, `e${targetOf(room)}`);
  }

  /** @param {any} data */
  raw(data) {
    const message = rawOf(data);
    return typeof message === 'string' ? `r${message}`
      : message instanceof Uint8Array ? withHead('r', message) : new Blob(['r', message]);
  }

  /**
   * @param {string} event
   * @param {any} data
   * @param {any} [options]
   * @param {string} [room]
   */
  request(event, data, options, room) {
    return this.calls.start((id) => encode(event, data, `q${id};${targetOf(room)}`), options);
  }

  /**
   * @param {string} room
   * @param {any} data
   */
  join(room, data) {
    return this.calls.start((id) => tagged(`j${id};${escaped(room)};`, data), {timeout: Infinity});
  }

  /** @param {string} room */
  leave(room) {
    if (this.link.isOpen)
      this.outbox.send(`l${escaped(room)};`, {data: undefined});
  }

  /** @param {string} name */
  room(name) {
    const result = this.rooms.get(name) ?? new Room(this, name);
    escaped(name);
    this.rooms.set(name, result);
    return result;
  }

  // -- what comes in ----------------------------------------------------------

  /** @param {string | ArrayBuffer} data */
  read(data) {
    const message = new Reader(typeof data === 'string' ? data : new Uint8Array(data));
    const {kind} = message;
    const handler = HANDLERS[kind];
    if (handler)
      handler(this, message);
    else
      this.user._debug('unknown message', data);
  }

  /** @param {any} x the server's hello */
  heard(x) {
    const {link, outbox, settings: {maxMessageSize, idleTimeout}} = this;
    const isFirst = !this.hello;
    this.hello = {...this.hello, ...x};
    this._refresh(x.until);
    if (!isFirst)
      return;
    outbox.maxSize = Math.min(maxMessageSize, x.limits?.message ?? Infinity);
    if (!idleTimeout && x.beat > 0)
      Object.assign(link.pulse, {quiet: x.beat + SLACK, patience: SLACK});
    link.opened();
  }

  /** Renews the right before it ends. @param {any} until */
  _refresh(until) {
    clearTimeout(this._timer);
    if (!(until > 0) || typeof this.settings.auth !== 'function')
      return;
    const {turn} = this.link;
    this._timer = after(Math.max(until / 2, until - 30000), async () => {
      try {
        const auth = await this.settings.auth();
        if (turn === this.link.turn)
          this._say(auth);
      } catch (error) {
        this.user._report(error);
        if (turn === this.link.turn)
          this._refresh(RENEW_AGAIN);
      }
    });
  }

  /**
   * @param {Reader} message
   * @param {number} id
   */
  async answer(message, id) {
    const {turn} = this.link;
    let reply;
    try {
      const room = message.target();
      const {event, data} = eventOf(message.message, message.at, this.settings.legacyStrings);
      reply = tagged(`a${id};`, await this.user._answer(event, data, room));
    } catch (error) {
      reply = refusal(id, error);
      if (reply.includes(';failed;'))
        this.user._report(error);
    }
    if (turn === this.link.turn)
      this.outbox.send(reply, {data: undefined});
  }
}

/**
 * @param {number} id
 * @param {any} error
 * @returns {string}
 */
function refusal(id, error) {
  const kind = error instanceof WsError ? error.kind : 'failed';
  const code = kind === 'invalid_value' ? 'invalid'
    : /^(malformed|invalid_event|unknown_type)/.test(kind) ? 'malformed'
    : isCode(kind) ? kind : 'failed';
  return `x${id};${code};0;${code === 'failed' ? '' : error.message}`;
}

/** @type {Record<string, (dialect: Dialect2, message: Reader) => void>} By the kind of a message. */
const HANDLERS = {
  __proto__: /** @type {any} */ (null), // No kind is called `constructor`.
  'h': (dialect, x) => dialect.heard(x.json()),
  '.': () => {},
  'r': (dialect, x) => dialect.user._heardRaw(x.rest(), 'raw'),
  's': (dialect, x) => {
    dialect.link.advice = x.json();
    dialect.user._advised(dialect.link.advice);
  },
  'e': (dialect, x) => {
    const room = x.target();
    const {event, data} = eventOf(x.message, x.at, dialect.settings.legacyStrings);
    dialect.user._heard(event, data, room);
  },
  'q': (dialect, x) => dialect.answer(x, x.id(1)),
  'a': (dialect, x) => {
    const call = dialect.calls.all.get(x.id());
    let data;
    try {
      data = untagged(x.message, x.at, 'answer');
    } catch (error) {
      if (/** @type {any} */ (error).kind !== 'invalid_value')
        throw error; // It answers nothing.
      call?.reject(error);
    }
    call?.resolve(data); // Nothing happens if it is rejected.
  },
  'x': (dialect, x) => {
    const id = x.id();
    const code = x.code();
    const data = untagged(x.message, x.at, 'error');
    const error = new WsError(code, String(data?.message ?? (data || code)));
    Object.assign(error, {data, after: data?.after});
    if (id === 0)
      dialect.user._report(error);
    else
      dialect.calls.all.get(id)?.reject(error);
  },
  'y': (dialect, x) => dialect.room(x.room())._change(x.code()),
};
