import {decode, encode} from './wire.js';

/** Waits between attempts: doubles from the first to the longest, in ms. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 20_000;

/** An attempt, or a question, without an answer for so long has failed. */
const PATIENCE = 8_000;

/**
 * Close codes after which the same attempt would fail the same way
 * (docs/protocol.md), and 4001: our nickname goes on in another window.
 */
const FINAL_CODES = new Set([1002, 1003, 1007, 1008, 1009, 4001]);

const utf8 = new TextDecoder();

/**
 * A connection that comes back: after its end it tries again, later each time,
 * with jitter so that a server that returns is not run over.
 *
 * Events: `open`; `event` with {name, value}; `state` whenever `state` changes:
 *   connecting | open | waiting (until `retryAt`) | over (see `code`)
 */
export class Socket extends EventTarget {
  /** @param {string} url */
  constructor(url) {
    super();
    this.url = url;
    this.state = 'connecting';
    this.retryAt = 0;
    this.code = 0;
    this.attempts = 0;
    this.socket = null;
    this.timer = 0;
  }

  connect() {
    this.#drop();
    const socket = new WebSocket(this.url);
    socket.binaryType = 'arraybuffer'; // A server may send all as binary.
    this.socket = socket;
    this.timer = setTimeout(() => this.#lost(socket, 1006), PATIENCE);
    socket.onopen = () => {
      clearTimeout(this.timer);
      this.#enter('open');
      this.dispatchEvent(new Event('open'));
    };
    socket.onmessage = ({data}) => {
      clearTimeout(this.timer); // Whatever it is: the other side lives.
      const event = decode(typeof data === 'string' ? data : utf8.decode(data));
      if (event)
        this.dispatchEvent(new CustomEvent('event', {detail: event}));
    };
    socket.onclose = ({code}) => this.#lost(socket, code);
    this.#enter('connecting');
  }

  /** The other side has taken us in: the next loss starts a new count. */
  settled() {
    this.attempts = 0;
  }

  /** @returns {boolean} whether it went on its way */
  send(name, value) {
    if (this.state !== 'open' || this.socket.readyState !== WebSocket.OPEN)
      return false;
    this.socket.send(encode(name, value));
    return true;
  }

  /** Like `send`, but the server must answer, or the connection is dead. */
  ask(name, value) {
    if (!this.send(name, value))
      return;
    const socket = this.socket;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#lost(socket, 1006), PATIENCE);
  }

  #lost(socket, code) {
    if (socket !== this.socket)
      return; // An older one.
    this.#drop();
    this.code = code;
    if (FINAL_CODES.has(code)) {
      this.#enter('over');
      return;
    }
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.attempts++);
    const wait = most / 2 + Math.random() * most / 2;
    this.retryAt = Date.now() + wait;
    this.timer = setTimeout(() => this.connect(), wait);
    this.#enter('waiting');
  }

  #drop() {
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  #enter(state) {
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }
}
