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
   * @param {{ask(): boolean, onDead(): void}} user `ask` returns whether no
   *     answer is a bad sign
   */
  constructor(quiet, patience, user) {
    this.quiet = quiet;
    this.patience = patience;
    this.user = user;
    /** @type {any} */
    this.timer = undefined;
    this.heardAt = 0;
    this.due = 0; // When the timer should fire.
    this.asked = 0; // How often, since something was heard.
    this.isBad = false; // Getting no answer.
  }

  /**
   * @param {number} quiet
   * @param {number} patience
   */
  set(quiet, patience) {
    this.quiet = quiet;
    this.patience = patience;
  }

  start() {
    this.heard();
    if (this.quiet > 0)
      this.wait(this.quiet);
  }

  stop() {
    clearTimeout(this.timer);
  }

  heard() {
    this.heardAt = Date.now();
    this.asked = 0;
  }

  /** Asks at once: there is reason to doubt. */
  check() {
    if (this.quiet > 0)
      this.ask();
  }

  ask() {
    this.asked += 1;
    this.wait(this.patience);
    this.isBad = this.user.ask();
  }

  /** @param {number} span */
  wait(span) {
    this.stop();
    this.due = Date.now() + span;
    this.timer = after(span, () => this.tick());
  }

  tick() {
    const now = Date.now();
    const rest = this.heardAt + this.quiet - now;
    // After a sleep, the answer may be here and not be read yet: this asks once more.
    const isLate = now - this.due > this.patience;
    if (this.asked === 0 && rest > 0)
      this.wait(rest);
    else if (this.asked === 0 || (isLate && this.asked === 1))
      this.ask();
    else if (this.isBad)
      this.user.onDead();
    else
      this.start();
  }
}
