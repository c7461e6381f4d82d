import {decode, encode, rawOf, startsWith} from './codec.js';
import {probe} from './probe.js';

/** Version 1 of the protocol, docs/protocol.md: events and raw messages, nothing else. */
export class Dialect1 {
  /**
   * @param {Record<string, any>} settings
   * @param {import('./link.js').Link} link
   * @param {unknown} _
   * @param {{emit(event: string, data?: any): void, _heard(event: string, data: any): void,
   *     _heardRaw(message: any, why: string): void}} user
   */
  constructor(settings, link, _, user) {
    this.settings = settings;
    this.link = link;
    this._user = user;
  }

  /** The socket is there, and ready: there is no hello. */
  begin() {
    this.link.opened();
  }

  /** Says what comes before all else. @param {any} auth */
  greet(auth) {
    const {authEvent, heartbeat, idleTimeout} = this.settings;
    if (auth !== undefined)
      this._user.emit(authEvent, auth);
    if (idleTimeout > 0 && !heartbeat)
      this.ask(); // Shows whether there is a way to.
  }

  /** The connection is lost. Nothing depends on it. */
  lost() {}

  /** Makes the server say something. @returns {boolean} whether silence is a bad sign then */
  ask() {
    const {link, settings: {heartbeat}} = this;
    if (!heartbeat)
      return probe(link.socket, () => link.pulse.heard());
    this._user.emit(heartbeat);
    return true;
  }

  /**
   * @param {string} event
   * @param {any} data
   */
  event(event, data) {
    return encode(event, data, this.settings.eventPrefix);
  }

  /** @param {any} data */
  raw(data) {
    const message = rawOf(data);
    const {eventPrefix} = this.settings;
    if (startsWith(message, eventPrefix))
      throw new TypeError(`'${eventPrefix}' makes it an event`);
    return message;
  }

  /**
   * @param {string | ArrayBuffer} message
   * @throws {import('./ws_error.js').WsError}
   */
  read(message) {
    const {eventPrefix, legacyStrings} = this.settings;
    const x = decode(message, eventPrefix, legacyStrings);
    if (x)
      this._user._heard(x.event, x.data);
    else
      this._user._heardRaw(message, `no '${eventPrefix}'`);
  }
}
