/** @typedef {import('./client.js').CloseInfo} CloseInfo */
/** @typedef {import('./client.js').ErrorKind} ErrorKind */

/** What may go wrong; `kind` says what, in the words of docs/protocol.md. */
export class WsError extends Error {
  /**
   * @param {ErrorKind} kind
   * @param {string} message
   * @param {CloseInfo} [info] with `closed`
   */
  constructor(kind, message, info) {
    super(message);
    this.name = 'WsError';
    this.kind = kind;
    this.info = info;
  }
}

/** @param {CloseInfo} info */
export function closedError(info) {
  const text = `closed: ${info.code} ${info.reason}`;
  return new WsError('closed', text.trim(), info);
}
