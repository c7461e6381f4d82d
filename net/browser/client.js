/**
 * The client of troupe, for browsers and Node.js. ES2020, needs nothing else.
 *
 * docs/client.md is the manual, docs/protocol.md tells what goes over the wire.
 */

import {decode, encode} from './codec.js';
import {deferred, valueOf} from './later.js';
import {Dialect1} from './dialect1.js';
import {Dialect2, SUBPROTOCOL} from './dialect2.js';
import {Emitter} from './emitter.js';
import {resolve} from './endpoint.js';
import {Link} from './link.js';
import {Listeners, raise} from './listeners.js';
import {Outbox} from './outbox.js';
import {DEFAULTS, QUEUE, RECONNECT, checkAmounts, merge} from './settings.js';
import {WsError, closedError} from './ws_error.js';

/** @typedef {import('./client.js').CloseInfo} CloseInfo */
/** @typedef {import('./client.js').Ws} Declared */
/** @typedef {import('./client.js').Dropped} Dropped */
/** @typedef {import('./client.js').Options} Options */
/** @typedef {import('./client.js').State} State */
/** @typedef {import('./listeners.js').Listener} Listener */
/** @typedef {import('./outbox.js').Waiting} Waiting */

/**
 * A connection to an endpoint of troupe that comes back when it is lost.
 * @implements {Declared}
 */
class Ws extends Emitter {
  /**
   * @param {string | URL | (() => any)} endpoint
   * @param {string | string[] | null} [protocols]
   * @param {Options} [options]
   */
  constructor(endpoint, protocols, options = {}) {
    super((error) => this._report(error));
    const {reconnect, maxQueue} = options;
    const settings = merge(DEFAULTS, options);
    const policy = merge({...RECONNECT, ...settings},
                         reconnect === false ? {again: () => false} : reconnect);
    checkAmounts(policy, 'minDelay', 'maxDelay', 'connectTimeout', 'idleTimeout', 'maxMessageSize');
    const Socket = settings.WebSocket ?? globalThis.WebSocket;
    if (!Socket)
      throw new TypeError('no WebSocket: pass one in the options');
    const isTwo = settings.protocol === 2;
    const offer = isTwo ? [SUBPROTOCOL].concat(protocols ?? []) : protocols;
    const isFunction = typeof endpoint === 'function';
    const url = isFunction ? '' : resolve(String(endpoint));
    this._settings = settings;
    this._again = policy.again;
    /** @type {any} */
    this._auth = undefined; // For the next connection.
    this._where = () => isFunction || settings.auth ? this._ask(endpoint) : url;
    this._dial = (/** @type {string} */ x) => offer?.length ? new Socket(x, offer) : new Socket(x);
    this._link = new Link(policy, this);
    this._outbox = new Outbox(this._link, merge(QUEUE, maxQueue), settings.maxMessageSize, this);
    /** @type {any} */
    this._dialect = new (isTwo ? Dialect2 : Dialect1)(settings, this._link, this._outbox, this);
    const list = () => new Listeners((error) => this._report(error));
    this._lists = {
      any: list(), connect: list(), disconnect: list(), message: list(), state: list(),
      drop: list(), advice: list(), error: new Listeners(raise),
    };
    /** @type {Map<string, Listener>} */
    this._handlers = new Map();
    /** @type {Map<string, {event: string, data: any}>} */
    this._kept = new Map();
    this._ready = deferred();
    this._isUp = false;
    this._isTold = false; // That it is not.
    this._dropped = 0;
    this._link.connect(true);
  }

  // -- what there is ----------------------------------------------------------

  get ready() {
    return this._ready.promise;
  }

  get state() {
    return this._link.state;
  }

  get protocol() {
    return this._link.socket?.protocol ?? '';
  }

  get retryAt() {
    return this._link.retryAt;
  }

  get queued() {
    return this._outbox.queue.length;
  }

  get dropped() {
    return this._dropped;
  }

  get session() {
    return this._dialect.hello ?? null;
  }

  get bufferedAmount() {
    return this._outbox.bytes;
  }

  // -- listening --------------------------------------------------------------

  /** @param {(event: string, data: any) => void} f */
  onAny(f) {
    return this._lists.any.add(f);
  }

  /** @param {() => void} f */
  onConnect(f) {
    const remove = this._lists.connect.add(f);
    if (this.state === 'open')
      this._lists.connect.call(f);
    return remove;
  }

  /** @param {(info: CloseInfo) => void} f */
  onDisconnect(f) {
    return this._lists.disconnect.add(f);
  }

  /** @param {(message: any) => void} f */
  onMessage(f) {
    return this._lists.message.add(f);
  }

  /** @param {(state: State) => void} f */
  onState(f) {
    return this._lists.state.add(f);
  }

  /** @param {(what: Dropped) => void} f */
  onDrop(f) {
    return this._lists.drop.add(f);
  }

  /** @param {(error: any) => void} f */
  onError(f) {
    return this._lists.error.add(f);
  }

  /** @param {(advice: any) => void} f */
  onAdvice(f) {
    return this._lists.advice.add(f);
  }

  /** @param {Listener} f */
  onRequest(/** @type {string} */ event, f) {
    this._handlers.set(event, f);
    return () => void (this._handlers.get(event) === f && this._handlers.delete(event));
  }

  // -- sending ----------------------------------------------------------------

  /**
   * @param {any} [data]
   * @param {{volatile?: boolean}} [options]
   */
  emit(/** @type {string} */ event, data, options) {
    if (typeof options === 'function')
      throw new TypeError('emit takes no callback');
    const message = this._dialect.event(event, data);
    return this._outbox.send(message, {event, data}, options?.volatile);
  }

  /** @param {any} data */
  emitMessage(data) {
    return this._outbox.send(this._dialect.raw(data), {data});
  }

  /**
   * @param {any} [data]
   * @param {{timeout?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<any>}
   */
  async request(/** @type {string} */ event, data, options) {
    return this._second.request(event, data, options);
  }

  /** @param {any} [data] */
  keep(/** @type {string} */ event, data, key = event) {
    encode(event, data); // What cannot be sent is no use later, either.
    this._kept.set(key, {event, data});
    return !this._link.isOpen || this.emit(event, data);
  }

  forget(/** @type {string} */ key) {
    this._kept.delete(key);
  }

  /** @returns {any} */
  room(/** @type {string} */ name) {
    return this._second.room(name);
  }

  join(/** @type {string} */ room) {
    return this.keep(this._settings.joinEvent, room, `;${room}`);
  }

  leave(/** @type {string} */ room) {
    this.forget(`;${room}`);
    return !this._link.isOpen || this.emit(this._settings.leaveEvent, room);
  }

  // -- beginning and end ------------------------------------------------------

  close(code = 1000, reason = '') {
    this._link.close(code, reason);
  }

  reconnect() {
    if (this._link.socket)
      this._link.abandon('given up');
    if (this.state === 'closed')
      this._ready = deferred();
    this._link.connect();
  }

  // -- the original's names ---------------------------------------------------

  /** @param {() => void} f */
  OnConnect(f) {
    return this.onConnect(f);
  }

  /** @param {(info: CloseInfo) => void} f */
  OnDisconnect(f) {
    return this.onDisconnect(f);
  }

  /** @param {(message: any) => void} f */
  OnMessage(f) {
    return this.onMessage(f);
  }

  /** @param {Listener} f */
  On(/** @type {string} */ event, f) {
    return this.on(event, f);
  }

  /** @param {any} [data] */
  Emit(/** @type {string} */ event, data) {
    return this.emit(event, data);
  }

  /** @param {any} data */
  EmitMessage(data) {
    return this.emitMessage(data);
  }

  Disconnect() {
    this.close();
  }

  // -- what happens: the socket's, the dialect's and the outbox's user ---------

  _probe() {
    return this._dialect.ask();
  }

  _begin() {
    this._dialect.begin(this._auth);
  }

  /** @param {any} data */
  _read(data) {
    this._try(() => this._dialect.read(data));
  }

  _changed() {
    this._lists.state.fire(this.state);
  }

  /** @param {any} advice */
  _advised(advice) {
    this._lists.advice.fire(advice);
  }

  /**
   * @param {any} endpoint
   * @returns {Promise<string>} where to connect
   */
  async _ask(endpoint) {
    const [address, auth] = await Promise.all([endpoint, this._settings.auth].map(valueOf));
    this._auth = auth;
    return resolve(String(address));
  }

  /** Protocol 2. */
  get _second() {
    if (this._settings.protocol !== 2)
      throw new TypeError('needs protocol: 2');
    return this._dialect;
  }

  /**
   * @param {import('./link.js').End} end
   * @param {any} advice
   */
  _judge(end, advice) {
    const isCured = end.code === 1009 && this._outbox.learn();
    let again = isCured || (advice ? advice.again !== false : RECONNECT.again(end));
    if (this._again !== RECONNECT.again)
      this._try(() => again = this._again(end));
    return again;
  }

  _opened() {
    this._isUp = true;
    this._isTold = false;
    this._outbox.largest = 0;
    this._debug('connected', this._link.socket?.url);
    this._try(() => this._dialect.greet(this._auth));
    for (const {event, data} of this._kept.values())
      this._try(() => this.emit(event, data));
    for (const x of this._outbox.take())
      this._try(() => this._outbox.send(x.message, x));
    this._ready.resolve(this);
    this._lists.connect.fire();
  }

  /**
   * @param {string} event
   * @param {any} data
   * @param {string} [room]
   */
  _heard(event, data, room) {
    const {any} = this._lists;
    any.fire(event, data, room);
    const events = room === undefined ? this._events : this._dialect.rooms.get(room)?._events;
    if (!events?.fire(event, data) && any.all.size === 0)
      this._debug('no listener for the event', event, data);
  }

  /**
   * @param {string} event
   * @param {any} data
   * @param {string} [room]
   */
  _answer(event, data, room) {
    const f = this._handlers.get(event);
    if (!f)
      throw new WsError('no_handler', `no handler of ${event}`);
    return f(data, room);
  }

  /** @param {any} data */
  _heardRaw(data, /** @type {string} */ why) {
    const {message} = this._lists;
    if (message.all.size === 0)
      this._debug(`no listener for the message: ${why}`, data);
    message.fire(typeof data === 'string' ? data : new Uint8Array(data));
  }

  /** @param {CloseInfo} info */
  _ended(info) {
    const error = info.isOver ? closedError(info) : undefined;
    this._dialect.lost(error);
    if (this._isUp || error) {
      const before = this._ready;
      this._ready = deferred();
      if (error)
        [before, this._ready].forEach((x) => x.reject(error));
    }
    this._debug('lost', info);
    if (error) {
      this._over.fire(error);
      this._outbox.clear();
    }
    // Once for a loss, however often coming back fails, and once for the end.
    const isNews = !this._isTold || error;
    this._isUp = false;
    this._isTold = true;
    if (isNews)
      this._lists.disconnect.fire(info);
  }

  /**
   * @param {import('./outbox.js').Why} why
   * @param {Waiting} what
   */
  _drop(why, {event, data}) {
    this._dropped += 1;
    this._debug('dropped', why, event, data);
    if (this._lists.drop.all.size === 0 && this._dropped === 1)
      console.warn(`troupe: dropped, ${why}`);
    this._lists.drop.fire({why, event, data});
  }

  /** What fails is reported, and does not stop what comes after it. */
  _try(/** @type {() => void} */ f) {
    try {
      f();
    } catch (error) {
      this._report(error);
    }
  }

  /** @param {any} error */
  _report(error) {
    if (this._lists.error.all.size > 0)
      this._lists.error.fire(error);
    else if (error instanceof WsError)
      console.warn(`troupe: ${error.message}`);
    else
      raise(error);
  }

  /** @param {any[]} what */
  _debug(...what) {
    const {debug} = this._settings;
    if (typeof debug === 'function')
      debug(...what);
    else if (debug)
      console.info('troupe:', ...what);
  }
}

export {Ws, WsError, encode, decode};
