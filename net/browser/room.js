import {Emitter} from './emitter.js';
import {deferred, valueOf} from './later.js';
import {Listeners} from './listeners.js';
import {after} from './pulse.js';
import {QUEUE} from './settings.js';
import {WsError} from './ws_error.js';

/** A room of protocol 2: once joined, it is joined on each connection until it is left. */
export class Room extends Emitter {
  /**
   * @param {import('./dialect2.js').Dialect2} dialect
   * @param {string} name
   */
  constructor(dialect, name) {
    const report = (/** @type {any} */ error) => dialect.user._report(error);
    super(report);
    this.name = name;
    /** @type {import('./client.js').RoomState} */
    this.state = 'out';
    this._dialect = dialect;
    /** @type {any} For the server, or a function that returns it. */
    this._data = undefined;
    this._joined = deferred();
    this._turn = {}; // Of the join under way: the answer to an older one does not count.
    /** @type {any[][]} What waits for the join. */
    this._waiting = [];
    this._changed = new Listeners(report);
    this._refused = new Listeners(report);
  }

  /** @param {(why: string) => void} f */
  onChange(f) {
    return this._changed.add(f);
  }

  /** @param {(error: any) => void} f */
  onRefused(f) {
    return this._refused.add(f);
  }

  /** @param {any} [data] */
  join(data) {
    if (data !== undefined)
      this._data = data;
    if (this.state === 'out' || this.state === 'refused') {
      this._joined = deferred();
      this.state = 'joining';
      if (this._dialect.link.isOpen)
        this._enter();
    }
    return this._joined.promise;
  }

  leave() {
    const {state} = this;
    this._leave('out', new WsError('gone', `not in ${this.name}`));
    if (state === 'in' || state === 'joining')
      this._dialect.leave(this.name);
  }

  /**
   * @param {any} [data]
   * @param {any} [options]
   */
  emit(/** @type {string} */ event, data, options) {
    const dialect = this._dialect;
    const message = dialect.event(event, data, this.name);
    if (this.state === 'joining' && this._waiting.length < QUEUE.messages)
      return !options?.volatile && this._waiting.push([message, {event, data}]) > 0;
    if (this.state === 'in')
      return dialect.outbox.send(message, {event, data}, options?.volatile);
    return dialect.outbox.drop('not_member', {message, size: 0, event, data});
  }

  /**
   * @param {any} [data]
   * @param {any} [options]
   */
  async request(/** @type {string} */ event, data, options) {
    if (this.state === 'joining')
      await this._joined.promise;
    return this._dialect.request(event, data, options, this.name);
  }

  /** There is a connection, on which this is not joined yet. */
  async _enter() {
    const turn = this._turn = {};
    try {
      const reply = await this._dialect.join(this.name, valueOf(this._data));
      if (turn === this._turn)
        this._entered(reply);
    } catch (error) {
      const {kind, after: wait} = /** @type {any} */ (error);
      // A loss is no refusal: the next connection joins again.
      if (turn !== this._turn || kind === 'unknown_outcome')
        return;
      this._leave('refused', error);
      this._refused.fire(error);
      const refused = this._turn;
      if (wait >= 0)
        after(wait, () => refused === this._turn && this.join());
    }
  }

  /** @param {any} [reply] */
  _entered(reply) {
    this.state = 'in';
    this._joined.resolve(reply);
    for (const x of this._waiting.splice(0))
      this._dialect.outbox.send(x[0], x[1]);
  }

  /**
   * @param {'out' | 'refused'} state
   * @param {any} error
   */
  _leave(state, error) {
    this._turn = {};
    this.state = state;
    this._joined.reject(error);
    for (const [message, what] of this._waiting.splice(0))
      this._dialect.outbox.drop('not_member', {message, size: 0, ...what});
  }

  /** The server has changed it. @param {string} why */
  _change(why) {
    if (this.state === 'joining')
      return; // The answer is newer.
    if (why === 'joined')
      this._entered();
    else if (why === 'left')
      this._leave('out', new WsError('gone', `not in ${this.name}`));
    this._changed.fire(why);
  }

  /** The connection is lost. @param {any} [error] there is no other to come */
  _lost(error) {
    if (this.state === 'in' || this.state === 'joining') {
      this._turn = {};
      if (error)
        this._joined.reject(error);
      if (error || this.state === 'in')
        this._joined = deferred();
      this.state = 'joining';
    }
    if (error)
      this._over.fire(error);
  }
}
