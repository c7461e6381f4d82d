/** The longest that timers can wait. */
export const LONGEST = 2 ** 31 - 1;

/**
 * @param {number} span in milliseconds
 * @param {() => void} f
 */
export function after(span, f) {
  return setTimeout(f, Math.min(span, LONGEST));
}

/**
 * Tells a connection that is silent from one that is dead: after a silence it
 * asks for a sign of life, and waits for one.
 */
export class Pulse {
  /**
   * @param {number} quiet milliseconds of silence before it asks; 0: never
   * @param {number} patience milliseconds that the other side has to answer
   * @param {{ask(): boolean, abandon(reason: string): void}} link `ask` returns
   *     whether no answer is a bad sign
   */
  constructor(quiet, patience, link) {
    this.quiet = quiet;
    this.patience = patience;
    this._link = link;
    /** @type {any} */
    this._timer = undefined;
    this._heardAt = 0;
    this._due = 0; // When the timer should fire.
    this._asked = 0; // How often, since something was heard.
    this._isBad = false; // Getting no answer.
  }

  start() {
    this.heard();
    if (this.quiet > 0)
      this._wait(this.quiet);
  }

  stop() {
    clearTimeout(this._timer);
  }

  heard() {
    this._heardAt = Date.now();
    this._asked = 0;
  }

  /** Asks at once: there is reason to doubt. */
  check() {
    if (this.quiet > 0)
      this.ask();
  }

  ask() {
    this._asked += 1;
    this._wait(this.patience);
    this._isBad = this._link.ask();
  }

  /** @param {number} span */
  _wait(span) {
    this.stop();
    this._due = Date.now() + span;
    this._timer = after(span, () => this._tick());
  }

  _tick() {
    const now = Date.now();
    const rest = this._heardAt + this.quiet - now;
    // After a sleep, the answer may be here and not be read yet: this asks once more.
    const isLate = now - this._due > this.patience;
    if (this._asked === 0 && rest > 0)
      this._wait(rest);
    else if (this._asked === 0 || (isLate && this._asked === 1))
      this.ask();
    else if (this._isBad)
      this._link.abandon('no sign of life');
    else
      this.start();
  }
}
