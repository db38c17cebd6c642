import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Time, Timer } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import type { Patience, Source, SourceItem } from '../../core/signal/frame.js';
import { Watchdog } from '../../core/watchdog.js';
import type { WayOut } from '../../egress/way-out.js';
import { VOICE_RATE_HZ } from '../mono.js';
import { startReading, stopReading } from '../pipe-reading.js';
import { LEAD_MAX_MS, Lead } from './lead.js';
import { encodeMessage, formatOf, MessageReader, type WyomingMessage } from './protocol.js';
import { ToVoice } from './to-voice.js';

export interface WyomingSourceOptions {
  readonly id: string;
  /** Satellite to connect to; null: it connects to `listen`. */
  readonly host: string | null;
  readonly port: number;
  readonly listen: string | null;
  readonly silentMs: number | null;
}

export interface WyomingSourceEdges extends Time {
  readonly wayOut: Pick<WayOut, 'leave'>;
}

/** A satellite that answers nothing for so long is gone; one that sends nothing is asked this often. */
const GONE_MS = 15_000;
const PING_MS = 5000;
const CONNECT_MS = 5000;

/**
 * What the microphone of a Wyoming satellite hears, as a mono signal at 16 kHz. It is told to run as by Home Assistant;
 * what it says of pipelines is not answered: it streams, and the cascade here wakes for a word.
 *
 * `frames` throws `EGRESS_DENIED` when offline, `SOURCE_UNAVAILABLE` when the satellite cannot be reached,
 * `SOURCE_LOST` when the connection ends, `SOURCE_SILENT` when it answers no more, `SOURCE_FORMAT` for no message.
 */
export class WyomingSource implements Source {
  readonly id: string;
  readonly #options: WyomingSourceOptions;
  readonly #edges: WyomingSourceEdges;

  constructor(options: WyomingSourceOptions, edges: WyomingSourceEdges) {
    this.id = options.id;
    this.#options = options;
    this.#edges = edges;
  }

  async *frames(signal: AbortSignal, patience: Patience = () => 0): AsyncGenerator<SourceItem> {
    if (signal.aborted) return;
    const socket = await this.#connected(signal);
    if (socket === null) return;
    const stop = (): void => void socket.destroy();
    signal.addEventListener('abort', stop, { once: true });
    const watch = new Satellite(socket, this.#options.silentMs, this.#edges);
    try {
      const channels = [{ name: 'audio', unit: 'FS' }];
      yield { kind: 'format', source: this.id, rateHz: VOICE_RATE_HZ, channels };
      yield* this.#items(socket, watch, patience);
      if (!signal.aborted) throw watch.silence ?? this.#lost('the connection was closed');
    } catch (error) {
      if (signal.aborted) return;
      throw watch.silence ?? (error instanceof CatnapError ? error : this.#lost(String(error)));
    } finally {
      signal.removeEventListener('abort', stop);
      watch.stop();
      socket.destroy();
    }
  }

  async *#items(socket: Socket, satellite: Satellite, patience: Patience): AsyncGenerator<SourceItem> {
    const reader = new MessageReader();
    const { id: source } = this;
    const { clock, timer } = this.#edges;
    const lead = new Lead();
    let leadMs = 0;
    let audio = null as ToVoice | null;
    let sample = 0;
    const restMs = (): number => (leadMs > LEAD_MAX_MS ? 0 : patience());
    for await (const bytes of piecesOf(socket, timer, restMs)) {
      const arrivedMs = clock.monotonicMs();
      for (const message of reader.push(bytes)) {
        satellite.heard(message);
        if (message.type === 'audio-stop') {
          audio = null;
          yield { kind: 'gap', source, sample, lostSamples: 0, reason: 'gated' };
        }
        if (message.type !== 'audio-chunk' || message.payload === null) continue;
        const format = formatOf(message);
        if (audio?.isFor(format) !== true) audio = new ToVoice(format);
        const data = audio.push(message.payload);
        yield { kind: 'frame', source, sample, rateHz: VOICE_RATE_HZ, channels: 1, data, arrivedMs };
        sample += data.length;
        leadMs = lead.heard((data.length * 1000) / VOICE_RATE_HZ, arrivedMs);
      }
    }
  }

  /** Null: asked to end before anybody came. */
  async #connected(signal: AbortSignal): Promise<Socket | null> {
    const { host, port, listen } = this.#options;
    if (host === null) return this.#awaited(listen ?? '127.0.0.1', port, signal);
    const passage = { what: 'source', to: `${host}:${port}`, bytes: 0 } as const;
    const socket = this.#edges.wayOut.leave(passage, () => connect({ host, port, timeout: CONNECT_MS }));
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => {
        // Given up, it must not connect later and stay.
        socket.destroy();
        reject(this.#unavailable(why));
      };
      socket.once('connect', resolve);
      socket.once('timeout', () => fail('it does not answer'));
      socket.once('error', ({ message }) => fail(message));
    });
    socket.setTimeout(0);
    return socket;
  }

  /** Waits for one satellite; who comes while it is here finds nobody. */
  async #awaited(listen: string, port: number, signal: AbortSignal): Promise<Socket | null> {
    const server: Server = createServer();
    const ended = new Promise<null>((resolve) =>
      signal.addEventListener('abort', () => resolve(null), { once: true }),
    );
    try {
      const came = new Promise<Socket>((resolve, reject) => {
        server.once('connection', resolve);
        server.once('error', ({ message }) => reject(this.#unavailable(message)));
      });
      server.listen(port, listen);
      return await Promise.race([came, ended]);
    } finally {
      server.close();
    }
  }

  #unavailable(why: string): CatnapError {
    return new CatnapError('SOURCE_UNAVAILABLE', `${this.#where()}: ${why}`);
  }

  #lost(why: string): CatnapError {
    return new CatnapError('SOURCE_LOST', `${this.#where()}: ${why}`);
  }

  #where(): string {
    const { host, listen, port } = this.#options;
    return `satellite at ${host ?? listen}:${port}`;
  }
}

/** What a socket gives, of which what comes next is left unread for as long as `restMs` says. */
async function* piecesOf(socket: Socket, timer: Timer, restMs: () => number): AsyncGenerator<Buffer> {
  const pieces: AsyncIterator<Buffer> = socket[Symbol.asyncIterator]();
  let cancelRest = (): void => {};
  try {
    for (;;) {
      const durationMs = restMs();
      // It reads again once it is asked for more, and rests only after that.
      const next = pieces.next();
      if (durationMs > 0 && stopReading(socket)) cancelRest = timer(durationMs, () => startReading(socket));
      const piece = await next;
      cancelRest();
      startReading(socket);
      if (piece.done === true) return;
      yield piece.value;
    }
  } finally {
    cancelRest();
    await pieces.return?.();
  }
}

/** The far end of one connection: told to run, asked whether it is there, answered when it asks. */
class Satellite {
  /** Why the connection was ended from here; null: it was not. */
  silence: CatnapError | null = null;
  readonly #socket: Socket;
  readonly #alive: Watchdog;
  readonly #audio: Watchdog | null;
  #cancel: () => void;

  constructor(socket: Socket, silentMs: number | null, time: Time) {
    this.#socket = socket;
    socket.on('error', () => {});
    const end = (why: string) => (): void => {
      this.silence = new CatnapError('SOURCE_SILENT', why);
      socket.destroy();
    };
    this.#alive = new Watchdog(time, GONE_MS, end(`expected an answer within ${GONE_MS} ms, found none`));
    this.#audio =
      silentMs === null
        ? null
        : new Watchdog(time, silentMs, end(`expected audio within ${silentMs} ms, found none`));
    const ask = (): void => {
      this.#say('ping');
      this.#cancel = time.timer(PING_MS, ask);
    };
    this.#say('run-satellite');
    this.#cancel = time.timer(PING_MS, ask);
  }

  heard({ type, data }: WyomingMessage): void {
    this.#alive.feed();
    if (type === 'audio-chunk') this.#audio?.feed();
    if (type === 'ping') this.#say('pong', typeof data.text === 'string' ? { text: data.text } : {});
  }

  stop(): void {
    this.#cancel();
    this.#alive.stop();
    this.#audio?.stop();
  }

  #say(type: string, data: Readonly<Record<string, unknown>> = {}): void {
    if (this.#socket.writable) this.#socket.write(encodeMessage(type, data));
  }
}
