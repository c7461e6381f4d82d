import {LONGEST, Pulse, after} from './pulse.js';
import {onWake} from './wake.js';

/** @typedef {import('./client.js').CloseInfo} CloseInfo */
/** @typedef {import('./client.js').State} State */
/** @typedef {{code: number, reason: string, wasClean: boolean}} End */

/** Close codes with which a server asks for a pause: at least, at most, in milliseconds. */
const LATER = new Set([1012, 1013]);
const PAUSE = [5000, 30000];

/** Who has been connected for so long, in milliseconds, starts afresh. */
const SETTLED = 5000;

/** A socket that is replaced when it is lost. Knows nothing of events. */
export class Link {
  /**
   * @param {{connectTimeout: number, idleTimeout: number, minDelay: number, maxDelay: number}} policy
   * @param {{
   *   where(): string | Promise<string>, dial(url: string): WebSocket,
   *   again(end: any, advice: any): boolean, ask(): boolean, onSocket(): void,
   *   onOpen(): void, onMessage(data: any): void, onState(): void,
   *   onEnd(info: CloseInfo): void, onError(error: any): void,
   * }} user
   */
  constructor(policy, user) {
    this.policy = policy;
    this.user = user;
    /** @type {State} */
    this.state = 'closed';
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {any} */
    this.timer = undefined;
    /** Of the attempt at hand: another attempt, or the end, replaces it. */
    this.turn = {};
    this.attempts = 0; // Since it was settled.
    this.openedAt = NaN;
    this.retryAt = 0;
    this.earliest = 0; // When the server lets it try again.
    /** @type {any} What the server has said about the next attempt. */
    this.advice = null;
    const half = policy.idleTimeout / 2;
    this.pulse = new Pulse(half, half, {
      ask: () => this.user.ask(),
      onDead: () => this.abandon('no sign of life'),
    });
    this.unwatch = () => {};
  }

  get isOpen() {
    return this.state === 'open' && this.socket?.readyState === 1;
  }

  /**
   * Starts an attempt, whatever there was before.
   * @param {boolean} [isFirst] what is wrong at once is thrown
   */
  connect(isFirst) {
    const turn = this.begin();
    this.state = 'connecting';
    const failed = (/** @type {any} */ error) => this.failed(turn, error);
    try {
      const url = this.user.where();
      if (typeof url === 'string')
        this.dial(turn, url);
      else
        url.then((x) => this.dial(turn, x)).catch(failed);
    } catch (error) {
      if (isFirst) {
        this.stop();
        this.unwatch();
        throw error;
      }
      failed(error);
    }
    if (turn === this.turn)
      this.user.onState();
  }

  /** Gives up what there is. */
  begin() {
    const before = this.socket;
    this.stop();
    this.timer = after(this.policy.connectTimeout, () => this.abandon('no answer in time'));
    this.unwatch();
    this.unwatch = onWake(() => this.wake());
    before?.close();
    return this.turn;
  }

  /** Stops all timers, and what is under way. */
  stop() {
    clearTimeout(this.timer);
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
  dial(turn, url) {
    if (turn !== this.turn)
      return;
    const socket = this.socket = this.user.dial(url);
    socket.binaryType = 'arraybuffer';
    const ours = (/** @type {(x: any) => void} */ f) =>
      (/** @type {any} */ x) => turn === this.turn && f(x);
    socket.onopen = ours(() => this.user.onSocket());
    socket.onmessage = ours(({data}) => {
      this.pulse.heard();
      this.user.onMessage(data);
    });
    socket.onerror = () => {}; // `onclose` follows.
    socket.onclose = ours((x) => this.ended(x));
  }

  /**
   * @param {object} turn
   * @param {any} error
   */
  failed(turn, error) {
    if (turn !== this.turn)
      return;
    this.user.onError(error);
    if (turn === this.turn)
      this.ended({code: 1006, reason: 'cannot connect', wasClean: false});
  }

  /** Takes the connection for dead, and does not wait for its end. */
  abandon(/** @type {string} */ reason) {
    const socket = this.socket;
    this.ended({code: 1006, reason, wasClean: false});
    socket?.close();
  }

  /** The network or the page is back. */
  wake() {
    const rest = this.earliest - Date.now();
    if (this.isOpen)
      this.pulse.check();
    else if (this.state === 'waiting' && rest > 0)
      this.schedule(rest);
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
    clearTimeout(this.timer);
    this.timer = after(this.policy.connectTimeout, () => this.abandon(reason));
    this.user.onState();
    if (!socket && this.state === 'closing')
      this.ended({code, reason, wasClean: true});
  }

  /** Both sides are ready. */
  opened() {
    if (this.state !== 'connecting')
      return;
    clearTimeout(this.timer);
    this.openedAt = Date.now();
    this.state = 'open';
    this.pulse.start();
    this.user.onOpen();
    this.user.onState();
  }

  /** @param {End} end */
  ended({code, reason, wasClean}) {
    const {advice} = this;
    this.stop();
    const now = Date.now();
    if (now - this.openedAt >= SETTLED)
      this.attempts = 0;
    this.openedAt = NaN;
    const attempts = this.attempts++;
    const isOver = this.state === 'closing'
                   || !this.user.again({code, reason, wasClean, attempts}, advice);
    this.state = isOver ? 'closed' : 'waiting';
    if (isOver)
      this.unwatch();
    else
      this.pause(code, attempts, advice);
    this.user.onEnd({code, reason, wasClean, attempts, isOver, retryAt: this.retryAt});
    this.user.onState();
  }

  /**
   * Full jitter: those who were lost at one time come back at many.
   * @param {number} code
   * @param {number} attempts
   * @param {any} advice
   */
  pause(code, attempts, advice) {
    const {minDelay, maxDelay} = this.policy;
    const [least, most] = LATER.has(code) && !advice ? PAUSE : [0, 0];
    let from = Math.min(maxDelay, least);
    let to = Math.min(maxDelay, Math.max(most, 1, minDelay) * 2 ** attempts, LONGEST);
    if (advice) {
      from = Number(advice.after) || 0;
      to = from + Math.max(to, Number(advice.window) || 0);
    }
    this.earliest = Date.now() + from;
    this.schedule(Math.round(from + Math.random() * (to - from)));
  }

  /** @param {number} wait */
  schedule(wait) {
    clearTimeout(this.timer);
    this.retryAt = Date.now() + wait;
    this.timer = after(wait, () => this.connect());
  }
}
