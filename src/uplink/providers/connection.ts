import type { IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { WebSocket } from 'ws';
import type { Clock, Timer } from '../../core/clock.js';
import { every } from '../../core/waiting.js';
import type { WayOut } from '../../egress/way-out.js';
import { asUplinkError, codeOfStatus, retryAfterMs, UplinkError } from './provider.js';

/** Largest message Catnap accepts from a far end, and the most one whole answer may add up to. */
export const MAX_REPLY_BYTES = 64 * 1024;

/** What is the same for every connection of a provider. */
export interface DialOptions {
  /** From the call to the open socket: name look-up, TCP, TLS and upgrade together. */
  readonly connectTimeoutMs: number;
  /**
   * A ping goes out this often; no sign of life for two of them ends the connection. At 4 s a half-open
   * socket is found within 8 s.
   */
  readonly heartbeatMs: number;
  /** Everything this connection sends goes through it. */
  readonly wayOut: Pick<WayOut, 'leave'>;
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>;
  readonly timer: Timer;
  /** Name look-up, replaceable in tests. */
  readonly lookup?: LookupFunction;
  /** Makes the socket; of `ws` when left out. */
  readonly newSocket?: NewSocket;
}

/** What a connection asks of a WebSocket, of which one of `ws` is one: whoever depends on Catnap lacks its types. */
export interface FarSocket {
  readonly readyState: number;
  on(event: 'error', take: (error: Error) => void): unknown;
  on(event: 'close', take: (code: number, reason: Buffer) => void): unknown;
  on(event: 'message', take: (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean) => void): unknown;
  on(event: 'pong', take: () => void): unknown;
  once(event: 'open', take: () => void): unknown;
  once(event: 'error', take: (error: Error) => void): unknown;
  once(
    event: 'unexpected-response',
    take: (request: unknown, response: Pick<IncomingMessage, 'statusCode' | 'headers'>) => void,
  ): unknown;
  removeAllListeners(): unknown;
  send(text: string): void;
  ping(): void;
  close(code: number): void;
  terminate(): void;
}

/** How one is opened. */
export interface SocketOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Largest message that is taken. */
  readonly maxPayload: number;
  readonly perMessageDeflate: boolean;
  readonly lookup?: LookupFunction;
}

/** Makes a WebSocket that has begun to connect. */
export type NewSocket = (url: string, subprotocols: string[], options: SocketOptions) => FarSocket;

/** How a WebSocket to a far end is opened and kept honest. */
export interface ConnectOptions extends DialOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  /** Some far ends send their JSON in binary frames. */
  readonly allowsBinary?: boolean;
}

/** A WebSocket that tells once why it ended, and finds out by itself when the far end is gone. */
export interface Connection {
  /**
   * Sends one text message, a piece of speech by `what`; returns its size in bytes. Throws
   * `UPLINK_UNAVAILABLE` when the socket is closed.
   */
  send(text: string, what?: 'upload' | 'audio'): number;
  /** Takes each text message with its size in bytes; the first taker gets what came before it, too. */
  onMessage(take: (text: string, bytes: number) => void): void;
  readonly ended: Promise<UplinkError>;
  readonly isOpen: boolean;
  close(): void;
}

/** Opens a connection. Rejects with an {@link UplinkError} that carries the far end's status and Retry-After. */
export function connect(options: ConnectOptions, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(options.url);
    // Throws when offline, which rejects the promise: no socket is made.
    const socket = options.wayOut.leave({ what: 'connect', to: host, bytes: 0 }, () => newSocket(options));
    const fail = (error: UplinkError) => {
      cancelDeadline();
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      // A socket torn down while connecting still emits an error.
      socket.on('error', () => {});
      socket.terminate();
      reject(error);
    };
    const onAbort = () => fail(new UplinkError('UPLINK_UNAVAILABLE', `${host}: opening was given up`));
    const cancelDeadline = options.timer(options.connectTimeoutMs, () =>
      fail(new UplinkError('UPLINK_TIMEOUT', `${host}: not open after ${options.connectTimeoutMs} ms`)),
    );
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0;
      const wait = retryAfterMs(response.headers['retry-after'], options.clock.wallMs());
      fail(
        new UplinkError(codeOfStatus(status), `${host}: refused the connection with status ${status}`, wait),
      );
    });
    socket.once('error', (error) => fail(asUplinkError(error, host)));
    socket.once('open', () => {
      cancelDeadline();
      signal.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      resolve(openConnection(socket, host, options));
    });
  });
}

/** From our close frame to the far end's. */
const CLOSE_MS = 1_000;
/** Messages kept until someone listens. */
const MAX_EARLY_MESSAGES = 16;

const wsSocket: NewSocket = (url, subprotocols, options) => new WebSocket(url, subprotocols, options);

function newSocket({ url, headers, subprotocols, lookup, newSocket = wsSocket }: ConnectOptions): FarSocket {
  return newSocket(url, [...subprotocols], {
    headers,
    maxPayload: MAX_REPLY_BYTES,
    perMessageDeflate: false,
    ...(lookup === undefined ? {} : { lookup }),
  });
}

function openConnection(socket: FarSocket, host: string, options: ConnectOptions): Connection {
  const { wayOut, heartbeatMs, timer } = options;
  let why: UplinkError | null = null;
  let cancelCut: () => void = () => {};
  const life = watchLife(socket, options, () => {
    why = new UplinkError('UPLINK_TIMEOUT', `${host}: no sign of life for ${heartbeatMs} ms after a ping`);
  });
  const ended = new Promise<UplinkError>((resolve) => {
    socket.on('error', (error) => {
      why ??= asUplinkError(error, host);
    });
    socket.on('close', (code, reason) => {
      life.stop();
      cancelCut();
      const closed = `${host}: connection closed with code ${code}`;
      resolve(why ?? new UplinkError(codeOfClosing(reason.toString()), closed));
    });
  });
  // A far end may speak first, before anyone could say that they listen.
  const early: string[] = [];
  let take: (text: string, bytes: number) => void = (text) => {
    if (early.length < MAX_EARLY_MESSAGES) early.push(text);
  };
  const connection: Connection = {
    onMessage(taker) {
      take = taker;
      for (const text of early.splice(0)) take(text, Buffer.byteLength(text));
    },
    ended,
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    send(text, what = 'upload') {
      if (socket.readyState !== WebSocket.OPEN) {
        throw new UplinkError('UPLINK_UNAVAILABLE', `${host}: connection is closed`);
      }
      const bytes = Buffer.byteLength(text);
      wayOut.leave({ what, to: host, bytes }, () => socket.send(text));
      return bytes;
    },
    close() {
      why ??= new UplinkError('UPLINK_UNAVAILABLE', `${host}: closed by us`);
      socket.close(1000);
      // A far end that never answers the close frame must not keep the socket.
      cancelCut = timer(CLOSE_MS, () => socket.terminate());
    },
  };
  socket.on('message', (data, isBinary) => {
    life.seen();
    const buffer = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
    if (isBinary && options.allowsBinary !== true) {
      why ??= new UplinkError('UPLINK_REPLY', `${host}: expected text messages, found a binary one`);
      socket.close(1003);
      return;
    }
    take(buffer.toString('utf8'), buffer.length);
  });
  return connection;
}

/** Why a far end hung up, where its reason tells (Google has no other way). The reason itself goes no further. */
function codeOfClosing(reason: string): 'UPLINK_QUOTA' | 'UPLINK_UNAUTHORISED' | 'UPLINK_UNAVAILABLE' {
  if (/quota|billing/i.test(reason)) return 'UPLINK_QUOTA';
  return /api key|unauthenticated|permission/i.test(reason) ? 'UPLINK_UNAUTHORISED' : 'UPLINK_UNAVAILABLE';
}

/** Pings a far end, and cuts the socket of one that has shown no sign of life by the next ping. */
function watchLife(socket: FarSocket, { heartbeatMs, timer }: DialOptions, onDead: () => void) {
  let alive = true;
  const seen = () => {
    alive = true;
  };
  socket.on('pong', seen);
  const stop = every(timer, heartbeatMs, () => {
    if (alive) {
      alive = false;
      socket.ping();
      return;
    }
    onDead();
    socket.terminate();
  });
  return { seen, stop };
}
