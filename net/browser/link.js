/** @typedef {import('./client.js').CloseInfo} CloseInfo */
/** @typedef {import('./client.js').State} State */
/** @typedef {{code: number, reason: string, wasClean: boolean}} End */

/** Close codes with which a server asks for a pause, in milliseconds. */
const LATER = new Set([1012, 1013]);
const PAUSE = 5000;

/** Who has been connected for so long, in milliseconds, starts afresh. */
const SETTLED = 5000;

/** A socket that is replaced when it is lost. Knows nothing of events. */
export class Link {
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
