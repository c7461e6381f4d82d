import {LONGEST, Pulse, after} from './pulse.js';
import {onWake} from './wake.js';

/** @typedef {import('./client.js').CloseInfo} CloseInfo */
/** @typedef {import('./client.js').State} State */
/** @typedef {{code: number, reason: string, wasClean: boolean}} End */

/** Close codes with which a server asks for a pause: at least, at most, in milliseconds. */
const LATER = [1012, 1013];
const PAUSE = [5000, 30000];

/** Who has been connected for so long, in milliseconds, starts afresh. */
const SETTLED = 5000;

/** A socket that is replaced when it is lost. Knows nothing of events. */
export class Link {
  /**
   * @param {{connectTimeout: number, idleTimeout: number, minDelay: number, maxDelay: number}} policy
   * @param {{
   *   _where(): string | Promise<string>, _dial(url: string): WebSocket,
   *   _begin(): void, _opened(): void, _read(data: any): void, _probe(): boolean,
   *   _judge(end: End & {attempts: number}, advice: any): boolean,
   *   _ended(info: CloseInfo): void, _changed(): void, _report(error: any): void,
   * }} user whom it tells
   */
  constructor(policy, user) {
    this._policy = policy;
    this._user = user;
    /** @type {State} */
    this.state = 'closed';
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {any} */
    this._timer = undefined;
    /** Of the attempt at hand: another attempt, or the end, replaces it. */
    this.turn = {};
    this.attempts = 0; // Since it was settled.
    this._openedAt = NaN;
    this.retryAt = 0;
    this._earliest = 0; // When the server lets it try again.
    /** @type {any} What the server has said about the next attempt. */
    this.advice = null;
    const half = policy.idleTimeout / 2;
    this.pulse = new Pulse(half, half, this);
    this._unwatch = () => {};
  }

  get isOpen() {
    return this.state === 'open' && this.socket?.readyState === 1;
  }

  /**
   * Starts an attempt, whatever there was before.
   * @param {boolean} [isFirst] what is wrong at once is thrown
   */
  connect(isFirst) {
    const turn = this._begin();
    this.state = 'connecting';
    const failed = (/** @type {any} */ error) => this.failed(turn, error);
    try {
      const url = this._user._where();
      if (typeof url === 'string')
        this._dial(turn, url);
      else
        url.then((x) => this._dial(turn, x)).catch(failed);
    } catch (error) {
      if (isFirst) {
        this._stop();
        this._unwatch();
        throw error;
      }
      failed(error);
    }
    if (turn === this.turn)
      this._user._changed();
  }

  /** Gives up what there is. */
  _begin() {
    const before = this.socket;
    this._stop();
    this._timer = after(this._policy.connectTimeout, () => this.abandon('no answer'));
    this._unwatch();
    this._unwatch = onWake(() => this._wake());
    before?.close();
    return this.turn;
  }

  /** Stops all timers, and what is under way. */
  _stop() {
    clearTimeout(this._timer);
    this.pulse.stop();
    this.turn = {};
    this.socket = null;
    this.retryAt = 0;
    this.advice = null;
  }

  /**
   * @param {object} turn
   * @param {string} url
   */
  _dial(turn, url) {
    if (turn !== this.turn)
      return;
    const socket = this.socket = this._user._dial(url);
    socket.binaryType = 'arraybuffer';
    const ours = (/** @type {(x: any) => void} */ f) =>
      (/** @type {any} */ x) => turn === this.turn && f(x);
    socket.onopen = ours(() => this._user._begin());
    socket.onmessage = ours(({data}) => {
      this.pulse.heard();
      this._user._read(data);
    });
    socket.onerror = () => {}; // `onclose` follows.
    socket.onclose = ours((x) => this._ended(x));
  }

  /**
   * @param {object} turn
   * @param {any} error
   */
  failed(turn, error) {
    if (turn !== this.turn)
      return;
    this._user._report(error);
    if (turn === this.turn)
      this.abandon('cannot connect');
  }

  /** Makes the server say something. @returns whether silence is a bad sign then */
  ask() {
    return this._user._probe();
  }

  /** Takes the connection for dead, and does not wait for its end. */
  abandon(/** @type {string} */ reason) {
    const socket = this.socket;
    this._ended({code: 1006, reason, wasClean: false});
    socket?.close();
  }

  /** The network or the page is back. */
  _wake() {
    const rest = this._earliest - Date.now();
    if (this.isOpen)
      this.pulse.check();
    else if (this.state === 'waiting' && rest > 0)
      this._schedule(rest);
    else if (this.state === 'waiting')
      this.connect();
  }

  /**
   * Ends it for good.
   * @param {number} code
   * @param {string} reason
   */
  close(code, reason) {
    if (this.state === 'closing' || this.state === 'closed')
      return;
    this.socket?.close(code, reason);
    const {socket} = this;
    this.state = 'closing';
    this.pulse.stop();
    clearTimeout(this._timer);
    this._timer = after(this._policy.connectTimeout, () => this.abandon(reason));
    this._user._changed();
    if (!socket && this.state === 'closing')
      this._ended({code, reason, wasClean: true});
  }

  /** Both sides are ready. */
  opened() {
    if (this.state !== 'connecting')
      return;
    clearTimeout(this._timer);
    this._openedAt = Date.now();
    this.state = 'open';
    this.pulse.start();
    this._user._opened();
    this._user._changed();
  }

  /** @param {End} end */
  _ended({code, reason, wasClean}) {
    const {advice} = this;
    this._stop();
    const now = Date.now();
    if (now - this._openedAt >= SETTLED)
      this.attempts = 0;
    this._openedAt = NaN;
    const attempts = this.attempts++;
    const isOver = this.state === 'closing'
                   || !this._user._judge({code, reason, wasClean, attempts}, advice);
    this.state = isOver ? 'closed' : 'waiting';
    if (isOver)
      this._unwatch();
    else
      this._pause(code, attempts, advice);
    this._user._ended({code, reason, wasClean, attempts, isOver, retryAt: this.retryAt});
    this._user._changed();
  }

  /**
   * Full jitter: those who were lost at one time come back at many.
   * @param {number} code
   * @param {number} attempts
   * @param {any} advice
   */
  _pause(code, attempts, advice) {
    const {minDelay, maxDelay} = this._policy;
    const [least, most] = LATER.includes(code) && !advice ? PAUSE : [0, 0];
    let from = Math.min(maxDelay, least);
    let to = Math.min(maxDelay, Math.max(most, 1, minDelay) * 2 ** attempts, LONGEST);
    if (advice) {
      from = Number(advice.after) || 0;
      to = from + Math.max(to, Number(advice.window) || 0);
    }
    this._earliest = Date.now() + from;
    this._schedule(Math.round(from + Math.random() * (to - from)));
  }

  /** @param {number} wait */
  _schedule(wait) {
    clearTimeout(this._timer);
    this.retryAt = Date.now() + wait;
    this._timer = after(wait, () => this.connect());
  }
}
