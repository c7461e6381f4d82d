/**
 * The client of troupe, for browsers and Node.js. ES2020, needs nothing else.
 *
 * docs/client.md is the manual, docs/protocol.md tells what goes over the wire.
 */

import {sizeOf, viewOf} from './bytes.js';
import {decode, encode} from './codec.js';
import {resolve} from './endpoint.js';
import {Link} from './link.js';
import {Listeners, raise} from './listeners.js';
import {Queue} from './queue.js';
import {DEFAULTS, QUEUE, RECONNECT, merge} from './settings.js';
import {WsError, closedError} from './ws_error.js';

/** @typedef {import('./client.js').CloseInfo} CloseInfo */
/** @typedef {import('./client.js').Ws} Declared */
/** @typedef {import('./client.js').Dropped} Dropped */
/** @typedef {import('./client.js').Options} Options */
/** @typedef {import('./client.js').State} State */
/** @typedef {import('./listeners.js').Listener} Listener */
/** @typedef {import('./queue.js').Waiting} Waiting */

/** A promise that is settled from outside, and that nobody need handle. */
function deferred() {
  /** @type {any} */
  const result = {};
  result.promise = new Promise((resolve, reject) => {
    Object.assign(result, {resolve, reject});
  });
  result.promise.catch(() => {});
  return result;
}

/**
 * A connection to an endpoint of troupe that comes back when it is lost.
 * @implements {Declared}
 */
class Ws {
  /**
   * @param {string} endpoint
   * @param {string | string[] | null} [protocols]
   * @param {Options} [options]
   */
  constructor(endpoint, protocols, options = {}) {
    const {reconnect, maxQueue} = options;
    const settings = merge(DEFAULTS, options);
    const Socket = settings.WebSocket ?? globalThis.WebSocket;
    if (!Socket)
      throw new TypeError('there is no WebSocket here: pass one in the options');
    const url = resolve(String(endpoint));
    this._settings = settings;
    this._queue = new Queue(merge(QUEUE, maxQueue));
    this._link = new Link(
      () => protocols?.length ? new Socket(url, protocols) : new Socket(url),
      {
        connectTimeout: settings.connectTimeout,
        ...merge(RECONNECT, reconnect === false ? {again: () => false} : reconnect),
      },
      {
        onOpen: () => this._opened(),
        onMessage: (data) => this._received(data),
        onEnd: (info) => this._ended(info),
        onState: () => this._lists.state.fire(this.state),
      });
    const list = () => new Listeners((error) => this._report(error));
    this._lists = {
      connect: list(), disconnect: list(), message: list(), state: list(),
      drop: list(), error: new Listeners(raise),
    };
    this._newList = list;
    /** @type {Map<string, Listeners>} */
    this._events = new Map();
    /** @type {Map<string, {event: string, data: any}>} */
    this._kept = new Map();
    this._ready = deferred();
    this._isUp = false;
    this._isTold = false; // That it is not.
    this._dropped = 0;
    this._link.connect();
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
    return this._queue.items.length;
  }

  get dropped() {
    return this._dropped;
  }

  // -- listening --------------------------------------------------------------

  /** @param {Listener} f */
  on(/** @type {string} */ event, f) {
    return this._list(event).add(f);
  }

  /** @param {Listener} f */
  once(/** @type {string} */ event, f) {
    return this._list(event).add(f, true);
  }

  /** @param {Listener} [f] */
  off(/** @type {string} */ event, f) {
    this._events.get(String(event))?.remove((x) => !f || x.f === f);
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

  // -- sending ----------------------------------------------------------------

  /** @param {any} [data] */
  emit(/** @type {string} */ event, data) {
    const message = encode(event, data, this._settings.eventPrefix);
    return this._send(message, {event, data});
  }

  /** @param {any} data */
  emitMessage(data) {
    const view = viewOf(data);
    if (view)
      return this._send(view.slice(), {data});
    const isBlob = Object.prototype.toString.call(data) === '[object Blob]';
    return this._send(isBlob ? data : String(data), {data});
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

  // -- what happens -----------------------------------------------------------

  _opened() {
    this._isUp = true;
    this._isTold = false;
    for (const {event, data} of this._kept.values())
      this.emit(event, data);
    for (const x of this._queue.take())
      this._send(x.message, x);
    this._ready.resolve(this);
    this._lists.connect.fire();
  }

  /** @param {any} data */
  _received(data) {
    let x;
    try {
      x = decode(data, this._settings.eventPrefix, this._settings.legacyStrings);
    } catch (error) {
      this._report(error);
      return;
    }
    if (x)
      this._events.get(x.event)?.fire(x.data);
    else
      this._lists.message.fire(typeof data === 'string' ? data : new Uint8Array(data));
  }

  /** @param {CloseInfo} info */
  _ended(info) {
    if (this._isUp || info.isOver) {
      const before = this._ready;
      this._ready = deferred();
      for (const x of info.isOver ? [before, this._ready] : [])
        x.reject(closedError(info));
    }
    for (const x of info.isOver ? this._queue.take() : [])
      this._drop('closed', x);
    // Once for a loss, however often coming back fails, and once for the end.
    const isNews = !this._isTold || info.isOver;
    this._isUp = false;
    this._isTold = true;
    if (isNews)
      this._lists.disconnect.fire(info);
  }

  /**
   * @param {any} message
   * @param {{event?: string, data: any}} what
   * @returns {boolean} whether it is on its way, or waits for a connection
   */
  _send(message, {event, data}) {
    if (this._link.isOpen) {
      this._link.socket?.send(message);
      return true;
    }
    const isOver = this.state === 'closing' || this.state === 'closed';
    const item = {message, size: sizeOf(message), event, data};
    return (!isOver && this._queue.push(item))
           || this._drop(isOver ? 'closed' : 'full', item);
  }

  /**
   * @param {'full' | 'closed'} why
   * @param {Waiting} what
   */
  _drop(why, {event, data}) {
    this._dropped += 1;
    if (this._lists.drop.all.length === 0 && this._dropped === 1)
      console.warn(`troupe: messages are lost, the connection is ${this.state}`);
    this._lists.drop.fire({why, event, data});
    return false;
  }

  /** @param {any} error */
  _report(error) {
    if (this._lists.error.all.length > 0)
      this._lists.error.fire(error);
    else if (error instanceof WsError)
      console.warn(`troupe: ${error.message}`);
    else
      raise(error);
  }

  _list(/** @type {string} */ event) {
    const name = String(event);
    const list = this._events.get(name) ?? this._newList();
    this._events.set(name, list);
    return list;
  }
}

export {Ws, WsError, encode, decode};
