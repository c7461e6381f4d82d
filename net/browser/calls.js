import {after} from './pulse.js';
import {WsError} from './ws_error.js';

/** @typedef {{isSent: boolean, isOver: boolean, resolve(x: any): void, fail(kind: string): void,
 *     reject(x: any): void}} Call */

const DEFAULT_TIMEOUT = 10000;

/** Requests under way, and joins, by their ids. */
export class Calls {
  /** @param {import('./outbox.js').Outbox} outbox */
  constructor(outbox) {
    this._outbox = outbox;
    this.last = 0;
    /** @type {Map<number, Call>} */
    this.all = new Map();
  }

  /**
   * @param {(id: number) => any} write makes the message
   * @param {{timeout?: number, signal?: AbortSignal}} [options]
   * @returns {Promise<any>} the answer
   */
  start(write, {timeout = DEFAULT_TIMEOUT, signal} = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.last;
      const message = write(id);
      const settle = (/** @type {(x: any) => void} */ how) => (/** @type {any} */ x) => {
        call.isOver = true;
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.all.delete(id);
        how(x);
      };
      /** @type {Call} */
      const call = {
        isSent: false,
        isOver: false,
        resolve: settle(resolve),
        reject: settle(reject),
        fail: (kind) => call.reject(new WsError(kind, `request failed: ${kind}`)),
      };
      const abort = () => call.fail('aborted');
      const timer = after(timeout, () => call.fail('timeout'));
      this.all.set(id, call);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted)
        abort();
      else
        this._outbox.send(message, {data: undefined, call});
    });
  }

  /** The connection is lost: who was asked may have heard it. */
  lost() {
    this.all.forEach((x) => x.isSent && x.fail('unknown_outcome'));
  }
}
