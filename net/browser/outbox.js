import {sizeOf} from './bytes.js';

/** @typedef {{message: any, size: number, event?: string, data: any,
 *     call?: import('./calls.js').Call}} Waiting */
/** @typedef {'full' | 'closed' | 'too_big' | 'not_member'} Why */

/** If a socket holds more bytes than this, what may be left out is. */
const CONGESTED = 16 * 1024;

/** What goes out: now, with the next connection, or never. */
export class Outbox {
  /**
   * @param {import('./link.js').Link} link
   * @param {{messages: number, bytes: number}} limits of what waits
   * @param {number} maxSize of a message
   * @param {{_drop(why: Why, what: Waiting): void}} user is told what is dropped
   */
  constructor(link, limits, maxSize, user) {
    this.link = link;
    this.limits = limits;
    /** @type {Waiting[]} What waits for a connection, oldest first. */
    this.queue = [];
    this.queued = 0; // Bytes.
    this.maxSize = maxSize;
    this._user = user;
    this.largest = 0; // On this connection.
  }

  /** Bytes that the network has not taken yet. */
  get bytes() {
    return this.queued + (this.link.socket?.bufferedAmount ?? 0);
  }

  /**
   * @param {any} message
   * @param {{event?: string, data: any, call?: import('./calls.js').Call}} what
   * @param {boolean} [isVolatile] goes out now or never
   * @returns {boolean} whether it is on its way, or waits for a connection
   */
  send(message, {event, data, call}, isVolatile) {
    const {isOpen, socket, state} = this.link;
    if (call?.isOver)
      return false;
    if (isVolatile && (!isOpen || (socket?.bufferedAmount ?? 0) > CONGESTED))
      return false;
    const item = {message, size: sizeOf(message), event, data, call};
    if (item.size > this.maxSize)
      return this.drop('too_big', item);
    if (isOpen) {
      this.largest = Math.max(this.largest, item.size);
      if (call)
        call.isSent = true;
      socket?.send(message);
      return true;
    }
    if (state === 'closing' || state === 'closed')
      return this.drop('closed', item);
    if (this.queue.length >= this.limits.messages || this.queued + item.size > this.limits.bytes)
      return this.drop('full', item);
    this.queued += item.size;
    return this.queue.push(item) > 0;
  }

  /**
   * @param {Why} why
   * @param {Waiting} item
   */
  drop(why, item) {
    if (item.call)
      item.call.fail(why === 'closed' ? 'gone' : why === 'full' ? 'busy' : why);
    else
      this._user._drop(why, item);
    return false;
  }

  /** @returns what waits, which does so no more */
  take() {
    this.queued = 0;
    return this.queue.splice(0);
  }

  /** Drops what waits: there is no next connection. */
  clear() {
    this.take().forEach((x) => this.drop('closed', x));
  }

  /**
   * The server has found a message too big. Which one is unknown, but the
   * largest was: this sends none of its size again.
   * @returns {boolean} whether the next connection may last
   */
  learn() {
    if (this.largest === 0)
      return false;
    this.maxSize = Math.min(this.maxSize, this.largest - 1);
    return true;
  }
}
