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
  /**
   * `full`: `maxQueue` is reached; `closed`: the connection is over; `too_big`:
   * it exceeds `maxMessageSize`, or what the server has refused with 1009;
   * `not_member`: it is for a room that is not joined.
   */
  readonly why: 'full' | 'closed' | 'too_big' | 'not_member';
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
  | 'closed'
  | 'aborted' | 'busy' | 'gone' | 'protocol' | 'timeout' | 'too_big' | 'unknown_outcome'
  | (string & {}); // Codes of servers.

/** What may go wrong with a message, or with the connection (`closed`). */
export class WsError extends Error {
  constructor(kind: ErrorKind, message: string, info?: CloseInfo);
  readonly kind: ErrorKind;
  /** How the connection ended, if `kind` is `closed`. */
  readonly info?: CloseInfo;
  /** What the server said about an error of a request or a join. */
  readonly data?: any;
  /** Milliseconds after which another attempt may succeed, if the server says so. */
  readonly after?: number;
}

/** What the server of protocol 2 has said about this connection. */
export interface Session {
  readonly id: string;
  readonly limits?: {readonly message?: number; readonly requests?: number; readonly rooms?: number};
  /** The client hears something at least this often, in milliseconds. */
  readonly beat?: number;
  /** Milliseconds from the hello to the end of the right of the client. */
  readonly until?: number;
}

/** What the server of protocol 2 says before it closes the connection. */
export interface Advice {
  readonly again: boolean;
  /** The client waits at least this long, in milliseconds, and a random part of `window` more. */
  readonly after: number;
  readonly window: number;
  readonly why: string;
}

export type RoomState =
  | 'out'
  | 'joining' // Or waits for a connection to join on.
  | 'in'
  | 'refused';

/**
 * Names the events of an application and the types of their values:
 *
 *     type Chat = {in: {said: {from: string, text: string}}, out: {say: string}};
 *     const ws = new Ws<Chat>('/chat');
 *
 * `in` are the events that the client receives, `out` those that it sends, and
 * `requests` has for each request the types of the value and of the answer:
 * `{add: [number[], number]}`.
 */
export interface Events {
  in?: object;
  out?: object;
  requests?: object;
}

/** What a client that names no events has: any. */
export interface AnyEvents {
  in: Record<string, any>;
  out: Record<string, any>;
  requests: Record<string, [any, any]>;
}

type Asked<T> = T extends [infer X, any] ? X : never;
type Answered<T> = T extends [any, infer X] ? X : never;
type Part<E, K extends string> = E extends Record<K, infer X> ? X : {};
type Name<T> = string & keyof T;
/** Not needed if there is none. */
type Value<T> = undefined extends T ? [data?: T] : [data: T];
/** For listeners that name the type of the value themselves: of any event, or of none. */
type Untyped<T> = string extends keyof T ? string : never;

/** Any of these may be left out. Times are milliseconds. */
export interface Options {
  /** The version of the protocol. Default: 1. */
  protocol?: 1 | 2;
  /** What marks an event. By default that of the server that sent the client, else `m:`. */
  eventPrefix?: string;
  /** Listeners get the text of the payload, whatever its type. Default: false. */
  legacyStrings?: boolean;
  /**
   * Messages of more bytes are dropped. By default the limit of the server that
   * sent the client, else none.
   */
  maxMessageSize?: number;
  /**
   * Credentials, or a function that gets them before each attempt. With protocol
   * 1, they are the first event of each connection, `authEvent`; undefined: there
   * is none. With protocol 2, the hello has them.
   */
  auth?: unknown | (() => unknown);
  /** Default: `auth`. */
  authEvent?: string;
  /** An attempt without an answer for so long has failed. Default: 10 000. */
  connectTimeout?: number;
  /**
   * A connection on which nothing arrives for so long is lost: after half of
   * it, the client asks for a sign of life. Default: 0, which turns this off.
   */
  idleTimeout?: number;
  /** The event to ask with, which the server answers by any message. */
  heartbeat?: string;
  /** True: tells console.info what happens, and which events nobody hears. */
  debug?: boolean | ((what: string, ...details: any[]) => void);
  /** False: never. */
  reconnect?: false | {
    /** The first wait is random, from 0 to this; then it doubles. Default: 500. */
    minDelay?: number;
    /** No wait is longer. Default: 30 000. */
    maxDelay?: number;
    /** Whether to try again. By default after 1001, 1006, 1011 to 1014, and 1009 of a message. */
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

/** Of a request. */
export interface RequestOptions {
  /** Milliseconds after which it fails with `timeout`. Default: 10 000. */
  timeout?: number;
  /** Makes it fail with `aborted`. */
  signal?: AbortSignal;
}

/** What one can listen to. */
interface Source<E extends Events> {
  on<T>(event: Untyped<Part<E, 'in'>>, f: (data: T) => void): Remove;
  on<K extends Name<Part<E, 'in'>>>(event: K, f: (data: Part<E, 'in'>[K]) => void): Remove;
  once<T>(event: Untyped<Part<E, 'in'>>, f: (data: T) => void): Remove;
  once<K extends Name<Part<E, 'in'>>>(event: K, f: (data: Part<E, 'in'>[K]) => void): Remove;
  /** The value of the next one; rejected with a `WsError` if the connection is over before. */
  once<K extends Name<Part<E, 'in'>>>(event: K): Promise<Part<E, 'in'>[K]>;
  /** Without `f`: all listeners of the event. */
  off(event: Name<Part<E, 'in'>>, f?: (data: any) => void): void;

  /**
   * Sends an event, now or when there is a connection.
   * @returns false if it is dropped
   * @throws TypeError if this is no name, or no value that can be sent
   */
  emit<K extends Name<Part<E, 'out'>>>(event: K, ...data: Value<Part<E, 'out'>[K]>): boolean;
  /** With `volatile`, now or never: not if there is no connection, or one that is congested. */
  emit<K extends Name<Part<E, 'out'>>>(event: K, data: Part<E, 'out'>[K],
                                       options: {volatile?: boolean}): boolean;
  /**
   * Asks the server, with protocol 2.
   * @returns the answer; rejected with a `WsError` whose `kind` is the code of
   *     the server, or `timeout`, `aborted`, `busy`, `too_big`, `gone` (it was not
   *     sent), or `unknown_outcome` (it was, and the connection is lost)
   */
  request<K extends Name<Part<E, 'requests'>>>(
    event: K, data?: Asked<Part<E, 'requests'>[K]>, options?: RequestOptions,
  ): Promise<Answered<Part<E, 'requests'>[K]>>;
}

/** A room of protocol 2: once joined, it is joined on each connection until it is left. */
export interface Room<E extends Events = AnyEvents> extends Source<E> {
  readonly name: string;
  readonly state: RoomState;
  /**
   * @param data for the server, or a function that returns it for each connection
   * @returns what the server answers; rejected with a `WsError` if it refuses
   */
  join(data?: unknown | (() => unknown)): Promise<any>;
  leave(): void;
  /** The server `joined` this, or it has ended (`left`) without a call of `leave`. */
  onChange(f: (why: string) => void): Remove;
  /** A join, also one of a later connection, is refused. */
  onRefused(f: (error: WsError) => void): Remove;
}

export interface Ws<E extends Events = AnyEvents> extends Source<E> {}

/** A connection to an endpoint of troupe that comes back when it is lost. */
export class Ws<E extends Events = AnyEvents> {
  /**
   * Connects at once.
   * @param endpoint `wss://host/path`; or without a scheme, which is then as
   *     safe as the page; or `/path` on the host of the page; or a function
   *     that returns one of these, now or later, and is called for each attempt
   * @throws if `endpoint` is none, or there is no WebSocket here
   */
  constructor(endpoint: string | URL | (() => string | URL | Promise<string | URL>),
              protocols?: string | string[] | null, options?: Options);

  // -- what there is

  /**
   * For the connection at hand or the next one; rejected with a `WsError` when
   * there will be none. Need not be handled.
   */
  readonly ready: Promise<this>;
  readonly state: State;
  /** The subprotocol that the server has chosen, else empty. */
  readonly protocol: string;
  /** When the next attempt starts, as `Date.now()` counts; else 0. */
  readonly retryAt: number;
  /** How many messages wait for a connection. */
  readonly queued: number;
  /** How many messages were not sent, in all; see `onDrop`. */
  readonly dropped: number;
  /** Of protocol 2; null while there is no connection. */
  readonly session: Session | null;
  /** How many bytes have not gone out: those that wait, and those in the socket. */
  readonly bufferedAmount: number;

  // -- listening: several listeners are called in order

  /** Each event, before the listeners of its name. */
  onAny(f: (event: string, data: any, room?: string) => void): Remove;

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

  /** Before the server of protocol 2 closes the connection. */
  onAdvice(f: (advice: Advice) => void): Remove;
  /**
   * Handles a request of the server of protocol 2. What `f` returns is the
   * answer; a `WsError` that it throws is answered with its `kind` as the code.
   */
  onRequest(event: string, f: (data: any, room?: string) => unknown): Remove;

  // -- sending

  /** A room of protocol 2: there is one object for each name. */
  room<R extends Events = E>(name: string): Room<R>;
  /** Like `emit`, a message that is no event: text, bytes or a Blob. */
  emitMessage(data: any): boolean;

  /**
   * Emits now, and again at the beginning of each connection to come, before
   * anything else. What is kept under the same key is replaced.
   */
  keep<K extends Name<Part<E, 'out'>>>(event: K, data?: Part<E, 'out'>[K], key?: string): boolean;
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
  On<T>(event: Untyped<Part<E, 'in'>>, f: (data: T) => void): Remove;
  On<K extends Name<Part<E, 'in'>>>(event: K, f: (data: Part<E, 'in'>[K]) => void): Remove;
  Emit<K extends Name<Part<E, 'out'>>>(event: K, ...data: Value<Part<E, 'out'>[K]>): boolean;
  EmitMessage(data: any): boolean;
  Disconnect(): void;
}

/**
 * Makes the message for an event; bytes make a binary message.
 * @throws TypeError if this is no name, or no value that can be sent
 */
export function encode(event: string, data?: any, prefix?: string): string | Uint8Array;

/**
 * Reads a message.
 * @returns null if this is no event
 * @throws WsError
 */
export function decode(message: string | ArrayBuffer | Uint8Array, prefix?: string,
                       legacyStrings?: boolean): {event: string, data: any} | null;
