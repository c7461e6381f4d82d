/** How a connection ended. */
export interface CloseInfo {
  /** The close code; 1006 stands for an end without one. */
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
  /** Attempts before this one that did not lead to a lasting connection. */
  readonly attempts: number;
  /** True: there will be no further attempt. */
  readonly isOver: boolean;
  /** When the next attempt starts, as `Date.now()` counts; 0 if `isOver`. */
  readonly retryAt: number;
}

/** A message that will not be sent. */
export interface Dropped {
  /** `full`: `maxQueue` is reached; `closed`: the connection is over. */
  readonly why: 'full' | 'closed';
  /** Undefined for a raw message. */
  readonly event?: string;
  readonly data: any;
}

export type State =
  | 'connecting'
  | 'open'
  | 'waiting' // For the next attempt, at `retryAt`.
  | 'closing' // At our wish.
  | 'closed';

export type ErrorKind =
  | 'malformed_event'
  | 'invalid_event_name'
  | 'unknown_type_tag'
  | 'invalid_value'
  | 'closed';

/** What may go wrong with a message, or with the connection (`closed`). */
export class WsError extends Error {
  constructor(kind: ErrorKind, message: string, info?: CloseInfo);
  readonly kind: ErrorKind;
  /** How the connection ended, if `kind` is `closed`. */
  readonly info?: CloseInfo;
}

/** Any of these may be left out. Times are milliseconds. */
export interface Options {
  /** What marks an event. By default that of the server that sent the client, else `m:`. */
  eventPrefix?: string;
  /** Listeners get the text of the payload, whatever its type. Default: false. */
  legacyStrings?: boolean;
  /** An attempt without an answer for so long has failed. Default: 10 000. */
  connectTimeout?: number;
  /** False: never. */
  reconnect?: false | {
    /** The first wait is random, from 0 to this; then it doubles. Default: 500. */
    minDelay?: number;
    /** No wait is longer. Default: 30 000. */
    maxDelay?: number;
    /** Whether to try again. Default: after 1001, 1006 and 1011 to 1014. Must not throw. */
    again?: (end: Pick<CloseInfo, 'code' | 'reason' | 'wasClean' | 'attempts'>) => boolean;
  };
  /** What may wait for a connection. Default: 1000 messages and 1 MiB. */
  maxQueue?: {messages?: number; bytes?: number};
  /** The events that `join` and `leave` send. Default: `join` and `leave`. */
  joinEvent?: string;
  leaveEvent?: string;
  /** The class of the sockets, where there is none built in. */
  WebSocket?: new (url: string, protocols?: string | string[]) => any;
}

/** Takes the listener away again. */
export type Remove = () => void;

/** A connection to an endpoint of troupe that comes back when it is lost. */
export class Ws {
  /**
   * Connects at once.
   * @param endpoint `wss://host/path`; or without a scheme, which is then as
   *     safe as the page; or `/path` on the host of the page
   * @throws if `endpoint` is none, or there is no WebSocket here
   */
  constructor(endpoint: string, protocols?: string | string[] | null, options?: Options);

  // -- what there is

  /**
   * For the connection at hand or the next one; rejected with a `WsError` when
   * there will be none. Need not be handled.
   */
  readonly ready: Promise<Ws>;
  readonly state: State;
  /** The subprotocol that the server has chosen, else empty. */
  readonly protocol: string;
  /** When the next attempt starts, as `Date.now()` counts; else 0. */
  readonly retryAt: number;
  /** How many messages wait for a connection. */
  readonly queued: number;
  /** How many messages were not sent, in all; see `onDrop`. */
  readonly dropped: number;

  // -- listening: several listeners are called in order

  on<T = any>(event: string, f: (data: T) => void): Remove;
  once<T = any>(event: string, f: (data: T) => void): Remove;
  /** Without `f`: all listeners of the event. */
  off(event: string, f?: (data: any) => void): void;

  /** At each connection, and at once if there is one. */
  onConnect(f: () => void): Remove;
  /** Once when a connection, or the first attempt, fails, and once when it is over. */
  onDisconnect(f: (info: CloseInfo) => void): Remove;
  /** Messages that are no events; bytes come as a Uint8Array. */
  onMessage(f: (message: any) => void): Remove;
  /** At each change of `state`. */
  onState(f: (state: State) => void): Remove;
  /** At each message that will not be sent. Without a listener: a warning, once. */
  onDrop(f: (what: Dropped) => void): Remove;
  /**
   * At what a listener throws, and at each event that cannot be read (a
   * `WsError`). Without a listener: an uncaught error, and a warning.
   */
  onError(f: (error: any) => void): Remove;

  // -- sending

  /**
   * Sends an event, now or when there is a connection.
   * @returns false if it is dropped
   * @throws TypeError if this is no name, or no value that can be sent
   */
  emit(event: string, data?: any): boolean;
  /** The same with a message that is no event. */
  emitMessage(data: any): boolean;

  /**
   * Emits now, and again at the beginning of each connection to come, before
   * anything else. What is kept under the same key is replaced.
   */
  keep(event: string, data?: any, key?: string): boolean;
  /** Emits it no more. */
  forget(key: string): void;
  /** Keeps the event `joinEvent` with the name of the room. */
  join(room: string): boolean;
  /** Forgets it, and emits `leaveEvent`. */
  leave(room: string): boolean;

  // -- beginning and end

  /** Ends it for good. The code is 1000 or 3000 to 4999. */
  close(code?: number, reason?: string): void;
  /** Connects at once: instead of a wait, a connection that seems dead, or the end. */
  reconnect(): void;

  // -- the names of the original's client

  OnConnect(f: () => void): Remove;
  OnDisconnect(f: (info: CloseInfo) => void): Remove;
  OnMessage(f: (message: any) => void): Remove;
  On<T = any>(event: string, f: (data: T) => void): Remove;
  Emit(event: string, data?: any): boolean;
  EmitMessage(data: any): boolean;
  Disconnect(): void;
}

/**
 * Makes the message for an event; bytes make a binary message.
 * @throws TypeError
 */
export function encode(event: string, data?: any, prefix?: string): string | Uint8Array;

/**
 * Reads a message.
 * @returns null if this is no event
 * @throws WsError
 */
export function decode(message: string | ArrayBuffer | Uint8Array, prefix?: string,
                       legacyStrings?: boolean): {event: string, data: any} | null;
