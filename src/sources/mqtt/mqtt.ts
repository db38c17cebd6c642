import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Time } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import type { GapReason, Source, SourceItem } from '../../core/signal/frame.js';
import { Watchdog } from '../../core/watchdog.js';
import { createWayOut, type WayOut } from '../../egress/way-out.js';
import { ClockWatch } from '../clock-watch.js';
import { messagesOf } from '../message.js';
import { MessageTimes, type TimeReading } from '../message-times.js';
import { FILL_ROWS } from '../row-losses.js';
import type { SourceEdges } from '../source-kind.js';
import { TimedRows } from '../timed-rows.js';
import { UsableRows } from '../usable-rows.js';
import { JoinedRows, topicsOf } from './joined-rows.js';
import type { MqttOptions } from './options.js';

export type { MqttChannel, MqttOptions } from './options.js';

const CONNECT_MS = 5000;
/** A row of sensor values is small; what is larger is no row. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Of a message that cannot be read, for a person. */
const SHOWN_CHARACTERS = 40;

type Queued =
  | { readonly kind: 'row'; readonly timeMs: number; readonly values: Float32Array }
  | { readonly kind: 'loss'; readonly reason: GapReason; rows: number };

/** What a source of MQTT rows is given. */
export interface MqttEdges extends Time {
  readonly wayOut: Pick<WayOut, 'leave'>;
  /** Told when messages come and hold no value, or their clock stands still, and when all is well again. */
  readonly onHealth: SourceEdges['onHealth'];
}

const QUIET: Omit<MqttEdges, keyof Time> = { wayOut: createWayOut(false), onHealth: () => () => {} };

/**
 * Rows as messages of MQTT topics. Retained messages are skipped: they tell of the past.
 *
 * `frames` throws `EGRESS_DENIED` when offline: a broker is reached by a socket, wherever it is;
 * `SOURCE_UNAVAILABLE` when the broker cannot be reached or refuses, `SOURCE_LOST` when the connection ends,
 * `SOURCE_SILENT` when no message comes. When it returns or throws, the connection is closed.
 */
export class MqttSource implements Source {
  readonly id: string;
  readonly #options: MqttOptions;
  readonly #edges: MqttEdges;
  readonly #usable: UsableRows;
  readonly #clock: ClockWatch;
  readonly #times: MessageTimes;
  #topics: OpenTopics | null = null;

  constructor(options: MqttOptions, edges: Time & Partial<MqttEdges>) {
    this.id = options.id;
    this.#options = options;
    this.#edges = { ...QUIET, ...edges };
    this.#usable = new UsableRows(options.rateHz, this.#edges.onHealth('values'));
    this.#clock = new ClockWatch(this.#edges.onHealth('clock'));
    this.#times = new MessageTimes(options, this.#edges.onHealth('times'));
  }

  /** What the last message was that held no value, in words; empty where there was none. */
  get complaint(): string {
    return this.#usable.complaint;
  }

  /** What the time of the last message was taken for; null where they have none. */
  get time(): TimeReading | null {
    return this.#times.last;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    if (signal.aborted) return;
    const topics = await OpenTopics.open(this.#options, this.#edges, this.#times);
    this.#topics = topics;
    const stop = (): void => topics.end(null);
    signal.addEventListener('abort', stop, { once: true });
    const rows = new TimedRows({ ...this.#options, fillRows: FILL_ROWS });
    try {
      yield rows.start();
      for (let next = await topics.next(); next !== null; next = await topics.next()) {
        yield* this.#items(next, rows);
      }
      if (!signal.aborted && topics.failure !== null) throw topics.failure;
    } finally {
      signal.removeEventListener('abort', stop);
      topics.end(null);
      await topics.gone();
    }
  }

  *#items(queued: Queued, rows: TimedRows): Generator<SourceItem> {
    const complaint = () => this.#topics?.complaint ?? '';
    if (queued.kind === 'loss') {
      if (queued.reason === 'garbage') this.#usable.lose(queued.rows, complaint);
      yield* rows.lose(queued.rows, queued.reason);
      return;
    }
    const { timeMs, values } = queued;
    this.#usable.take(
      values.some((value) => !Number.isNaN(value)),
      complaint,
    );
    this.#clock.take(timeMs);
    if (!Number.isNaN(timeMs)) yield* rows.reach(timeMs);
    yield* rows.row((channel) => values[channel] as number);
  }
}

/** One connection to the broker and the rows that came over it. */
class OpenTopics {
  failure: CatnapError | null = null;
  readonly #options: MqttOptions;
  readonly #client: MqttClient;
  readonly #rows: JoinedRows;
  readonly #queue: Queued[] = [];
  readonly #watchdog: Watchdog;
  #ended = false;
  /** What was no message at all, lately. */
  #garbage: string | null = null;
  #wake: () => void = () => {};

  static async open(options: MqttOptions, edges: MqttEdges, times: MessageTimes): Promise<OpenTopics> {
    const { url, username } = options;
    const topics = topicsOf(options);
    let client: MqttClient | null = null;
    try {
      // Reconnecting is the supervisor's: here a lost connection ends the source.
      const passage = { what: 'source', to: hostOf(url), bytes: Buffer.byteLength(topics.join('')) } as const;
      const password = typeof options.password === 'function' ? options.password() : options.password;
      const login = {
        ...(username === null ? {} : { username }),
        ...(password === null ? {} : { password }),
      };
      client = await edges.wayOut.leave(passage, () =>
        connectAsync(url, { ...login, reconnectPeriod: 0, connectTimeout: CONNECT_MS }),
      );
      const open = new OpenTopics(options, client, edges, times);
      // QoS 0: nothing is delivered twice, and within a connection TCP loses nothing.
      await client.subscribeAsync([...topics], { qos: 0 });
      return open;
    } catch (cause) {
      client?.end(true);
      if (cause instanceof CatnapError) throw cause;
      throw new CatnapError('SOURCE_UNAVAILABLE', `${named(topics)} at ${hostOf(url)}: ${String(cause)}`, {
        cause,
      });
    }
  }

  private constructor(options: MqttOptions, client: MqttClient, time: Time, times: MessageTimes) {
    this.#options = options;
    this.#client = client;
    this.#rows = new JoinedRows(options, times);
    const silentMs = options.silentMs ?? Math.max(5000, 10_000 / options.rateHz);
    this.#watchdog = new Watchdog(time, silentMs, () =>
      this.end(this.#error('SOURCE_SILENT', `expected a message within ${silentMs} ms, found none`)),
    );
    client.on('message', (topic, payload, packet) => this.#take(topic, payload, packet));
    client.on('error', (error) => this.end(this.#error('SOURCE_LOST', error.message)));
    client.on('close', () => this.end(this.#error('SOURCE_LOST', 'the connection was closed')));
  }

  /** The next row or loss; null when the connection has ended and everything was taken. */
  async next(): Promise<Queued | null> {
    for (;;) {
      const queued = this.#queue.shift();
      if (queued !== undefined) return queued;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(failure: CatnapError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.failure = failure;
    this.#watchdog.stop();
    this.#wake();
  }

  async gone(): Promise<void> {
    await this.#client.endAsync(true).catch(() => {});
  }

  get complaint(): string {
    return this.#garbage ?? this.#rows.complaint;
  }

  #take(topic: string, payload: Buffer, packet: IPublishPacket): void {
    if (packet.retain) return;
    this.#watchdog.feed();
    const text = payload.length <= MAX_MESSAGE_BYTES ? payload.toString('utf8') : '';
    const messages = messagesOf(text);
    this.#garbage = messages === null ? garbageOf(topic, payload.length, text) : null;
    if (messages === null) this.#queue.push({ kind: 'loss', reason: 'garbage', rows: 1 });
    for (const message of messages ?? []) {
      for (const row of this.#rows.take(topic, message)) this.#queue.push({ kind: 'row', ...row });
    }
    this.#evict();
    this.#wake();
  }

  /** Keeps the newest rows: the ones before them become one loss at the head. */
  #evict(): void {
    while (this.#queue.length > this.#options.queueRows) {
      const [first, second] = this.#queue.splice(0, 2) as [Queued, Queued];
      const rows = (first.kind === 'loss' ? first.rows : 1) + (second.kind === 'loss' ? second.rows : 1);
      this.#queue.unshift({ kind: 'loss', reason: 'dropped', rows });
    }
  }

  #error(code: 'SOURCE_LOST' | 'SOURCE_SILENT', found: string): CatnapError {
    return new CatnapError(code, `${named(this.#rows.topics)} at ${hostOf(this.#options.url)}: ${found}`);
  }
}

/** Host and port of a URL, without the user and password that may stand in it. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the broker';
}

function named(topics: readonly string[]): string {
  return `topic ${topics.join(', ')}`;
}

function garbageOf(topic: string, bytes: number, text: string): string {
  const found = text === '' ? `${bytes} bytes` : `"${text.slice(0, SHOWN_CHARACTERS)}"`;
  return `${topic}: expected JSON, numbers or name=value, found ${found}`;
}
