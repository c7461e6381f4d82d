/**
 * The client of troupe, for browsers and Node.js. ES2020, needs nothing else.
 *
 * This one file is the npm package, and what a server sends: as a module, or
 * as a plain script that defines the global `Ws`. For that the server changes
 * the two lines that are marked; docs/client.md is the manual, docs/protocol.md
 * tells what goes over the wire.
 */

/** @typedef {import('./client.js').CloseInfo} CloseInfo */
/** @typedef {import('./client.js').Ws} Declared */
/** @typedef {import('./client.js').Dropped} Dropped */
/** @typedef {import('./client.js').ErrorKind} ErrorKind */
/** @typedef {import('./client.js').Options} Options */
/** @typedef {import('./client.js').State} State */
/** @typedef {(...args: any[]) => void} Listener */
/** @typedef {{code: number, reason: string, wasClean: boolean}} End */
/** @typedef {{message: any, size: number, event?: string, data: any}} Waiting */

/** @type {{eventPrefix?: string, legacyStrings?: boolean}} */
const served = {}; // marked: the settings of the server

/** Close codes after which the same attempt may succeed. */
const AGAIN = new Set([1001, 1006, 1011, 1012, 1013, 1014]);

/** Those of them with which a server asks for a pause, in milliseconds. */
const LATER = new Set([1012, 1013]);
const PAUSE = 5000;

/** Who has been connected for so long, in milliseconds, starts afresh. */
const SETTLED = 5000;

const DEFAULTS = {
  eventPrefix: 'm:',
  legacyStrings: false,
  connectTimeout: 10000,
  joinEvent: 'join',
  leaveEvent: 'leave',
  ...served,
};
const RECONNECT = {
  minDelay: 500,
  maxDelay: 30000,
  again: (/** @type {End} */ {code}) => AGAIN.has(code),
};
const QUEUE = {messages: 1000, bytes: 1024 * 1024};

/** What may go wrong; `kind` says what, in the words of docs/protocol.md. */
class WsError extends Error {
  /**
   * @param {ErrorKind} kind
   * @param {string} message
   * @param {CloseInfo} [info] with `closed`
   */
  constructor(kind, message, info) {
    super(message);
    this.name = 'WsError';
    this.kind = kind;
    this.info = info;
  }
}

// -- bytes and text -----------------------------------------------------------

const utf8 = new TextEncoder();
const lenient = new TextDecoder('utf-8', {ignoreBOM: true});
const strict = new TextDecoder('utf-8', {ignoreBOM: true, fatal: true});

/**
 * @param {any} x
 * @returns {Uint8Array | null} a view; null if `x` holds no bytes
 */
function viewOf(x) {
  if (ArrayBuffer.isView(x))
    return new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  // Not instanceof: it may come from another frame.
  if (Object.prototype.toString.call(x) === '[object ArrayBuffer]')
    return new Uint8Array(x);
  return null;
}

/** @param {Uint8Array[]} parts */
function concat(...parts) {
  const result = new Uint8Array(parts.reduce((sum, x) => sum + x.length, 0));
  let at = 0;
  for (const x of parts) {
    result.set(x, at);
    at += x.length;
  }
  return result;
}

/** @param {any} message what a WebSocket can send */
function sizeOf(message) {
  return typeof message === 'string' ? utf8.encode(message).length
                                     : message.byteLength ?? message.size ?? 0;
}

// -- the wire format ----------------------------------------------------------

/** @param {string} name */
function isName(name) {
  return name !== '' && !name.includes(';') && utf8.encode(name).length <= 255;
}

/**
 * @param {any} data
 * @returns {string} JSON without half surrogate pairs, which servers refuse
 */
function toJson(data) {
  const json = JSON.stringify(data);
  if (json === undefined)
    throw new TypeError(`a ${typeof data} cannot be sent`);
  // The only escapes for surrogates that JSON.stringify makes.
  return !json.includes('\\ud') ? json : json.replace(
    /\\(?:u[\da-f]{4}|[^])/g, (x) => x.startsWith('\\ud') ? '\ufffd' : x);
}

/**
 * @param {string} event
 * @param {any} data
 * @param {string} [prefix]
 * @returns {string | Uint8Array} the message: bytes make a binary one
 */
function encode(event, data, prefix = DEFAULTS.eventPrefix) {
  const name = String(event);
  if (!isName(name))
    throw new TypeError(`'${name}' cannot name an event: 1 to 255 bytes, no ';'`);
  const message = (/** @type {number} */ tag, /** @type {any} */ payload) =>
    `${prefix}${name};${tag};${payload}`;
  if (data === undefined)
    return message(0, '');
  if (typeof data === 'string')
    return message(0, data);
  if (typeof data === 'bigint' ? BigInt.asIntN(64, data) === data
                               : Number.isSafeInteger(data))
    return message(1, data);
  if (typeof data === 'boolean')
    return message(2, data);
  const bytes = viewOf(data);
  return bytes ? concat(utf8.encode(message(3, '')), bytes)
               : message(4, toJson(data));
}

/**
 * Cuts a message up. Of bytes, the payload stays bytes.
 * @param {string | Uint8Array} message
 * @param {string} prefix
 * @returns {{event: string, tag: number, payload: string | Uint8Array} | null}
 */
function split(message, prefix) {
  // The head is short and its end easy to find, in text as in bytes.
  const isText = typeof message === 'string';
  const start = isText ? prefix : utf8.encode(prefix);
  for (let i = 0; i < start.length; ++i)
    if (message[i] !== start[i])
      return null;
  const separator = /** @type {never} */ (isText ? ';' : 0x3b);
  const end = message.indexOf(separator, start.length);
  if (end < 0)
    throw new WsError('malformed_event', 'an event ends in its name');
  const text = (/** @type {number} */ from, /** @type {number} */ to) =>
    textOf(message.slice(from, to), 'invalid_event_name');
  const event = text(start.length, end);
  if (!isName(event))
    throw new WsError('invalid_event_name', 'an event has an invalid name');
  const type = message.slice(end + 1, end + 3);
  const [tag, after] = isText ? type : lenient.decode(/** @type {any} */ (type));
  if (!(tag >= '0' && tag <= '9' && after === ';'))
    throw new WsError('malformed_event', `event '${event}' has no type`);
  if (tag > '4')
    throw new WsError('unknown_type_tag', `event '${event}' has type ${tag}`);
  return {event, tag: Number(tag), payload: message.slice(end + 3)};
}

/**
 * @param {string | Uint8Array} payload
 * @param {ErrorKind} [kind] the error if it is no UTF-8;
 *     without, what is none is replaced
 */
function textOf(payload, kind) {
  if (typeof payload === 'string')
    return payload;
  if (!kind)
    return lenient.decode(payload);
  try {
    return strict.decode(payload);
  } catch {
    throw new WsError(kind, 'an event is no UTF-8');
  }
}

/** @param {string} text */
function toInteger(text) {
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value)
    return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value; // Never rounded.
}

/** @param {string} text */
function toBoolean(text) {
  if (/^(1|t|T|TRUE|true|True)$/.test(text))
    return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** @param {string} text */
function fromJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {number} tag
 * @param {string | Uint8Array} payload
 * @returns {any}
 */
function valueOf(tag, payload) {
  if (tag === 0)
    return textOf(payload);
  if (tag === 3)
    return typeof payload === 'string' ? utf8.encode(payload) : payload;
  const text = textOf(payload, 'invalid_value');
  if (text === '')
    return null;
  if (tag === 4)
    return fromJson(text);
  return tag === 1 ? toInteger(text) : toBoolean(text);
}

/**
 * @param {string | ArrayBuffer | Uint8Array} message
 * @param {string} [prefix]
 * @param {boolean} [legacyStrings] values are the text of the payload
 * @returns {{event: string, data: any} | null} null: this is no event
 * @throws {WsError}
 */
function decode(message, prefix = DEFAULTS.eventPrefix, legacyStrings = false) {
  const parts = split(typeof message === 'string'
    ? message : new Uint8Array(message), prefix);
  if (!parts)
    return null;
  const {event, tag, payload} = parts;
  const isBytes = tag === 3 && typeof payload !== 'string';
  const data = legacyStrings && !isBytes ? textOf(payload) : valueOf(tag, payload);
  if (data === undefined)
    throw new WsError('invalid_value', `event '${event}' holds no value of type ${tag}`);
  return {event, data};
}

// -- the connection -----------------------------------------------------------

/** A socket that is replaced when it is lost. Knows nothing of events. */
class Link {
  /**
   * @param {() => WebSocket} dial
   * @param {{connectTimeout: number, minDelay: number, maxDelay: number,
   *     again: (end: any) => boolean}} policy
   * @param {{onOpen(): void, onMessage(data: any): void, onState(): void,
   *     onEnd(info: CloseInfo): void}} user
   */
  constructor(dial, policy, user) {
    this.dial = dial;
    this.policy = policy;
    this.user = user;
    /** @type {State} */
    this.state = 'closed';
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {any} */
    this.timer = undefined;
    this.attempts = 0; // Since it was settled.
    this.openedAt = NaN;
    this.retryAt = 0;
  }

  get isOpen() {
    return this.state === 'open' && this.socket?.readyState === 1;
  }

  /** Starts an attempt, whatever there was before. */
  connect() {
    clearTimeout(this.timer);
    const before = this.socket;
    const socket = this.socket = this.dial();
    before?.close();
    this.retryAt = 0;
    socket.binaryType = 'arraybuffer';
    const {connectTimeout} = this.policy;
    this.timer = setTimeout(() => this.abandon('no answer in time'), connectTimeout);
    const isOurs = () => socket === this.socket;
    socket.onopen = () => isOurs() && this.opened();
    socket.onmessage = ({data}) => isOurs() && this.user.onMessage(data);
    socket.onerror = () => {}; // `onclose` follows.
    socket.onclose = (x) => isOurs() && this.ended(x);
    this.enter('connecting');
  }

  /** Takes the connection for dead, and does not wait for its end. */
  abandon(/** @type {string} */ reason) {
    const socket = this.socket;
    this.ended({code: 1006, reason, wasClean: false});
    socket?.close();
  }

  /**
   * Ends it for good.
   * @param {number} code
   * @param {string} reason
   */
  close(code, reason) {
    if (this.state === 'closing' || this.state === 'closed')
      return;
    const isWaiting = this.state === 'waiting';
    this.socket?.close(code, reason);
    this.enter('closing');
    if (isWaiting)
      this.ended({code, reason, wasClean: true});
  }

  opened() {
    clearTimeout(this.timer);
    if (this.state !== 'connecting')
      return;
    this.openedAt = Date.now();
    this.state = 'open';
    this.user.onOpen();
    this.user.onState();
  }

  /** @param {End} end */
  ended({code, reason, wasClean}) {
    clearTimeout(this.timer);
    this.socket = null;
    if (Date.now() - this.openedAt >= SETTLED)
      this.attempts = 0;
    this.openedAt = NaN;
    const attempts = this.attempts++;
    const isOver = this.state === 'closing'
                   || !this.policy.again({code, reason, wasClean, attempts});
    this.retryAt = 0;
    if (!isOver) {
      const wait = this.wait(code, attempts);
      this.retryAt = Date.now() + wait;
      this.timer = setTimeout(() => this.connect(), wait);
    }
    this.state = isOver ? 'closed' : 'waiting';
    this.user.onEnd({code, reason, wasClean, attempts, isOver, retryAt: this.retryAt});
    this.user.onState();
  }

  /**
   * Full jitter: those who were lost at one time come back at many.
   * @param {number} code
   * @param {number} attempts
   */
  wait(code, attempts) {
    const {minDelay, maxDelay} = this.policy;
    const most = LATER.has(code) ? maxDelay
                                 : Math.min(maxDelay, minDelay * 2 ** attempts);
    const least = LATER.has(code) ? Math.min(maxDelay, PAUSE) : 0;
    return Math.round(least + Math.random() * (most - least));
  }

  /** @param {State} state */
  enter(state) {
    this.state = state;
    this.user.onState();
  }
}

/** What waits for a connection, oldest first. */
class Queue {
  /** @param {{messages: number, bytes: number}} limits */
  constructor(limits) {
    this.limits = limits;
    this.bytes = 0;
    /** @type {Waiting[]} */
    this.items = [];
  }

  /**
   * @param {Waiting} item
   * @returns {boolean} false if there is no room for it
   */
  push(item) {
    if (this.items.length >= this.limits.messages
        || this.bytes + item.size > this.limits.bytes)
      return false;
    this.items.push(item);
    this.bytes += item.size;
    return true;
  }

  /** Takes all out. */
  take() {
    const result = this.items;
    this.items = [];
    this.bytes = 0;
    return result;
  }
}

/** Who wants to be told something. One that throws does not stop the rest. */
class Listeners {
  /** @param {(error: any) => void} onThrow */
  constructor(onThrow) {
    this.onThrow = onThrow;
    /** @type {{f: Listener, isOnce: boolean}[]} Replaced, never changed. */
    this.all = [];
  }

  /**
   * @param {Listener} f
   * @returns {() => void} takes it away again
   */
  add(f, isOnce = false) {
    if (typeof f !== 'function')
      throw new TypeError('a listener must be a function');
    const entry = {f, isOnce};
    this.all = [...this.all, entry];
    return () => this.remove((x) => x === entry);
  }

  /** @param {(x: {f: Listener}) => boolean} which */
  remove(which) {
    this.all = this.all.filter((x) => !which(x));
  }

  fire(/** @type {any[]} */ ...args) {
    for (const entry of this.all) {
      if (entry.isOnce)
        this.remove((x) => x === entry);
      this.call(entry.f, ...args);
    }
  }

  /** @param {Listener} f */
  call(f, /** @type {any[]} */ ...args) {
    try {
      f(...args);
    } catch (error) {
      this.onThrow(error);
    }
  }
}

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

/** @param {CloseInfo} info */
function closedError(info) {
  const text = `the connection is closed: ${info.code} ${info.reason}`;
  return new WsError('closed', text.trim(), info);
}

/** Lets the platform report it, like an error that nobody catches. */
function raise(/** @type {any} */ error) {
  queueMicrotask(() => {
    throw error;
  });
}

/**
 * @param {string} endpoint
 * @returns {string} a WebSocket's address, as safe as the page it is for
 */
function resolve(endpoint) {
  const page = globalThis.location ?? {};
  const scheme = page.protocol === 'https:' ? 'wss://' : 'ws://';
  if (endpoint.startsWith('//'))
    return scheme + endpoint.slice(2);
  if (endpoint.startsWith('/'))
    return scheme + (page.host ?? '') + endpoint;
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(endpoint))
    return scheme + endpoint;
  const url = new URL(endpoint);
  // To its own host, browsers allow a safe page nothing else.
  if (url.protocol === 'ws:' && url.host === page.host)
    url.protocol = scheme.slice(0, -2);
  return url.href.replace(/^http/, 'ws');
}

/**
 * @template {object} T
 * @param {T} defaults
 * @param {object} [given] what is undefined in it does not count
 * @returns {T & Record<string, any>}
 */
function merge(defaults, given = {}) {
  const set = Object.entries(given).filter(([, x]) => x !== undefined);
  return {...defaults, ...Object.fromEntries(set)};
}

// -- the client ---------------------------------------------------------------

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

export {Ws, WsError, encode, decode}; // marked: what a script hands out
