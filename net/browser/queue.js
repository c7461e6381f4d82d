/** @typedef {{message: any, size: number, event?: string, data: any,
 *     call?: import('./calls.js').Call}} Waiting */

/** What waits for a connection, oldest first. */
export class Queue {
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
