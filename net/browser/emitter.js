import {EventListeners, Listeners} from './listeners.js';

/** @typedef {import('./listeners.js').Listener} Listener */

/** What one can listen to for events. */
export class Emitter {
  /** @param {(error: any) => void} report */
  constructor(report) {
    this._events = new EventListeners(report);
    this._over = new Listeners(report); // There are no events to come.
  }

  /** @param {Listener} f */
  on(/** @type {string} */ event, f) {
    return this._events.add(event, f);
  }

  /**
   * @param {Listener} [f]
   * @returns {any}
   */
  once(/** @type {string} */ event, f) {
    if (f !== undefined)
      return this._events.add(event, f, true);
    return new Promise((resolve, reject) => {
      const settle = (/** @type {(x: any) => void} */ how) => (/** @type {any} */ x) => {
        removes.forEach((remove) => remove());
        how(x);
      };
      const removes = [this._events.add(event, settle(resolve)), this._over.add(settle(reject))];
    });
  }

  /** @param {Listener} [f] */
  off(/** @type {string} */ event, f) {
    this._events.remove(event, f);
  }
}
