import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Time } from '../../core/clock.js';
import { CatnapError, codeOf } from '../../core/errors.js';
import { encodeMessage, MessageReader, type WyomingMessage } from '../../sources/wyoming/protocol.js';
import { eachPiece } from './pieces.js';
import { type Services, WyomingSession } from './session.js';

export interface WyomingServiceOptions extends Time {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Connections at one time; more are told so and closed. */
  readonly maxClients: number;
  /** A connection on which nothing comes for so long is closed. */
  readonly idleMs: number;
  readonly services: Services;
  /** Told where it listens. */
  readonly onListening: (port: number) => void;
  /** Told what went wrong here with what a client asked for, and with null once a client is served again. */
  readonly onFailure: (error: unknown) => void;
}

/** What a client that does not read may leave standing. */
const UNREAD_MAX_BYTES = 256 * 1024;
/**
 * After so much everybody else has a turn: a socket that always has more to give would be read on and on, past timers
 * and other clients. Two seconds of speech.
 */
const TURN_BYTES = 64 * 1024;
/** One that goes on sending is not listened to for longer. */
const GOODBYE_MS = 1000;

/**
 * Serves clients of the Wyoming protocol. What one of them sends, be it nonsense, costs no other anything: each
 * message is done before the next is read, so that a client that sends faster than it is heard is slowed down by TCP.
 */
export class WyomingService {
  /** Connections that were turned away for want of room, that ended for what they sent, and for a fault of ours. */
  readonly counts = { refused: 0, malformed: 0, failed: 0 };
  readonly #options: WyomingServiceOptions;
  readonly #sockets = new Set<Socket>();
  #isFailing = false;

  constructor(options: WyomingServiceOptions) {
    this.#options = options;
  }

  /**
   * Listens until `signal` aborts.
   * @throws CatnapError `PORT_IN_USE`, `CONFIG_INVALID` when it cannot.
   */
  async run(signal: AbortSignal): Promise<void> {
    const serving = new Set<Promise<void>>();
    const server = createServer((socket) => {
      const served = this.#welcome(socket).finally(() => serving.delete(served));
      serving.add(served);
    });
    await this.#listen(server);
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(serving);
  }

  #listen(server: Server): Promise<void> {
    const { host, port, onListening } = this.#options;
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
      server.listen(port, host, () => {
        server.removeAllListeners('error');
        // After listening the only errors are those of accepting: that connection is lost, nothing else.
        server.on('error', () => {});
        const address = server.address();
        onListening(typeof address === 'object' && address !== null ? address.port : port);
        resolve();
      });
    });
  }

  async #welcome(socket: Socket): Promise<void> {
    socket.on('error', () => {});
    if (this.#sockets.size >= this.#options.maxClients) {
      this.counts.refused += 1;
      socket.end(encodeMessage('error', { text: 'too many connections', code: 'BUSY' }));
      socket.destroySoon();
      return;
    }
    this.#sockets.add(socket);
    socket.setNoDelay();
    socket.setTimeout(this.#options.idleMs, () => socket.destroy());
    const session = new WyomingSession(this.#options.services, (type, data) => {
      if (socket.writableLength > UNREAD_MAX_BYTES) socket.destroy();
      else if (socket.writable) socket.write(encodeMessage(type, data));
    });
    try {
      await this.#serve(socket, session);
    } finally {
      socket.destroySoon();
      this.#sockets.delete(socket);
      await session.close();
    }
  }

  async #serve(socket: Socket, session: WyomingSession): Promise<void> {
    const reader = new MessageReader();
    const { clock, timer } = this.#options;
    let heardBytes = 0;
    try {
      await eachPiece(socket, timer, {
        take: (bytes) => {
          const work = this.#take(reader.push(bytes), session);
          heardBytes += bytes.length;
          if (heardBytes <= TURN_BYTES) return work;
          heardBytes = 0;
          return (work ?? Promise.resolve()).then(() => turn());
        },
        restMs: () => session.restMs(clock.monotonicMs()),
      });
    } catch (error) {
      // A connection that broke off has nothing to be told.
      if (error === socket.errored || socket.destroyed) return;
      if (codeOf(error) === 'SOURCE_FORMAT') this.counts.malformed += 1;
      else {
        this.counts.failed += 1;
        this.#look(error);
      }
      const text = error instanceof CatnapError ? error.message : 'it could not be done: a fault of Catnap';
      socket.end(encodeMessage('error', { text, code: codeOf(error) }));
      // Closed with something unread, it would be reset, and what was said be lost on the way.
      socket.resume();
      await once(socket, 'close', { signal: AbortSignal.timeout(GOODBYE_MS) }).catch(() => {});
    }
  }

  /** Does what messages ask for, each once the one before it is done. */
  #take(messages: Iterator<WyomingMessage>, session: WyomingSession): Promise<void> | undefined {
    for (;;) {
      const next = messages.next();
      if (next.done === true) {
        this.#look(null);
        return undefined;
      }
      const work = session.take(next.value);
      if (work !== undefined) return work.then(() => this.#take(messages, session));
    }
  }

  #look(error: unknown): void {
    if (error === null && !this.#isFailing) return;
    this.#isFailing = error !== null;
    this.#options.onFailure(error);
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): CatnapError {
  const where = `${host}:${port}`;
  if (error.code === 'EADDRINUSE')
    return new CatnapError(
      'PORT_IN_USE',
      `home.wyoming.port: expected ${where} to be free, found another program on it`,
      { cause: error },
    );
  const found = `found ${where} (${error.code ?? error.message})`;
  return new CatnapError(
    'CONFIG_INVALID',
    `home.wyoming.host: expected an address of this machine, ${found}`,
    {
      cause: error,
    },
  );
}
