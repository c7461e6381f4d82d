/** Sockets that a test plays the other side of, and time that it passes. */

import {Ws} from '../../../net/browser/client.js';
import {isNode, test} from './harness.mjs';

export class FakeSocket {
  /** @type {FakeSocket[]} */
  static all = [];

  static get last() {
    return FakeSocket.all.at(-1);
  }

  constructor(url, ...rest) {
    this.url = url;
    this.protocols = rest;
    this.protocol = '';
    this.readyState = 0;
    this.bufferedAmount = 0;
    this.sent = [];
    this.closed = null;
    FakeSocket.all.push(this);
  }

  send(x) {
    if (this.readyState === 0)
      throw new Error('InvalidStateError');
    if (this.readyState === 1)
      this.sent.push(x);
  }

  close(...args) {
    this.closed ??= args;
    this.readyState = Math.max(this.readyState, 2);
  }

  // -- the other side ---------------------------------------------------------

  open(protocol = '') {
    this.readyState = 1;
    this.protocol = protocol;
    this.onopen({});
    return this;
  }

  receive(data) {
    this.onmessage({data});
  }

  end(code = 1006, reason = '') {
    this.readyState = 3;
    this.onclose({code, reason, wasClean: code !== 1006});
  }
}

class Stage {
  now = 1_000_000;
  grain = 1; // Milliseconds: timers fire at multiples of it, as those of a hidden page do.
  timers = new Map();
  random = 0.5;
  warnings = [];
  lastTimer = 0;
  requests = [];
  clients = [];
  document = new EventTarget(); // Under Node.js, as the window.
  window = new EventTarget();

  /** Puts the fakes where the client looks for the real ones. */
  replace() {
    const fakes = [
      [globalThis, 'setTimeout', (f, wait) => {
        const at = Math.ceil((this.now + wait) / this.grain) * this.grain;
        this.timers.set(++this.lastTimer, {f, at});
        return this.lastTimer;
      }],
      [globalThis, 'clearTimeout', (x) => this.timers.delete(x)],
      [globalThis, 'WebSocket', FakeSocket],
      [Date, 'now', () => this.now],
      [Math, 'random', () => this.random],
      [console, 'warn', (x) => this.warnings.push(x)],
      [globalThis, 'fetch', (url, options) => new Promise((resolve, reject) =>
        this.requests.push({url, options, resolve, reject}))],
      ...!isNode ? [] : [
        [globalThis, 'document', this.document],
        [globalThis, 'addEventListener', this.window.addEventListener.bind(this.window)],
        [globalThis, 'removeEventListener', this.window.removeEventListener.bind(this.window)],
      ],
    ];
    const restore = fakes.map(([where, name, fake]) => {
      const real = Object.getOwnPropertyDescriptor(where, name);
      Object.defineProperty(where, name,
                            {value: fake, configurable: true, writable: true});
      return () => real ? Object.defineProperty(where, name, real)
                        : delete where[name];
    });
    return () => restore.forEach((f) => f());
  }

  /** Lets time pass, in milliseconds. */
  pass(span) {
    const end = this.now + span;
    for (;;) {
      const due = [...this.timers].filter(([, x]) => x.at <= end)
          .sort(([, x], [, y]) => x.at - y.at)[0];
      if (!due)
        break;
      this.timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].f();
    }
    this.now = Math.max(this.now, end);
  }

  /** Lets promises that are settled be handled. */
  async settle() {
    for (let i = 0; i < 20; ++i)
      await null;
  }

  /** Lets the page see an event of the browser. */
  happens(type) {
    const isOfDocument = /visibilitychange|freeze|resume/.test(type);
    const [page, frame] = isNode ? [this.document, this.window] : [document, window];
    (isOfDocument ? page : frame).dispatchEvent(new Event(type));
  }

  get socket() {
    return FakeSocket.last;
  }

  /** How often it was dialed. */
  get dialed() {
    return FakeSocket.all.length;
  }

  /** @returns {Ws} a client whose socket is not open yet */
  dial(options, protocols) {
    return this.dialAt('ws://other.test/echo', options, protocols);
  }

  /** @returns {Ws} */
  dialAt(endpoint, options, protocols) {
    const ws = new Ws(endpoint, protocols, options);
    this.clients.push(ws);
    return ws;
  }

  /** @returns {Ws} */
  connect(options, protocols) {
    const ws = this.dial(options, protocols);
    this.socket.open();
    return ws;
  }
}

/** Plays on a stage of its own. */
export async function play(f) {
  const stage = new Stage();
  const restore = stage.replace();
  FakeSocket.all = [];
  try {
    await f(stage);
  } finally {
    stage.clients.forEach((x) => x.close()); // Else, they hear what the next page does.
    restore();
  }
}

/** A test with a stage of its own. */
export function scene(name, f) {
  test(name, () => play(f));
}

/** Appends what a listener is told. */
export function recorder() {
  const log = [];
  return {log, note: (...args) => log.push(args.length > 1 ? args : args[0])};
}
