import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { CatnapError } from '../../core/errors.js';
import { parseJson } from '../../core/json.js';
import type { ChannelFormat, GapReason, Source, SourceItem } from '../../core/signal/frame.js';
import { createWayOut, type WayOut } from '../../egress/way-out.js';
import { TimedRows } from '../timed-rows.js';

/** A channel and where its value stands in a message: keys and indices between dots, or the channel's name. */
export interface MqttChannel extends ChannelFormat {
  readonly path: string | null;
}

export interface MqttOptions {
  readonly id: string;
  readonly url: string;
  readonly topic: string;
  readonly username: string | null;
  readonly password: string | null;
  /** Messages a second that are expected. */
  readonly rateHz: number;
  readonly channels: readonly MqttChannel[];
  /** Where the time of a message stands in it (ISO 8601 or milliseconds); `null`: messages have none. */
  readonly time: string | null;
  /** Rows that wait for a late cascade; beyond it the oldest are dropped. */
  readonly queueRows: number;
  /** Silence after which the topic counts as lost; `null` takes ten rows, and at least 5 s. */
  readonly silentMs: number | null;
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
}

const CONNECT_MS = 5000;
/** A row of sensor values is small; what is larger is no row. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Up to this many rows missing between two times are missing values. */
const FILL_ROWS = 5;

type Queued =
  | { readonly kind: 'row'; readonly timeMs: number; readonly values: Float32Array }
  | { readonly kind: 'loss'; readonly reason: GapReason; rows: number };

/**
 * Rows as JSON messages of an MQTT topic. Retained messages are skipped: they tell of the past.
 *
 * `frames` throws `EGRESS_DENIED` when offline: a broker is reached by a socket, wherever it is;
 * `SOURCE_UNAVAILABLE` when the broker cannot be reached or refuses, `SOURCE_LOST` when the connection ends,
 * `SOURCE_SILENT` when no message comes. When it returns or throws, the connection is closed.
 */
export class MqttSource implements Source {
  readonly id: string;
  readonly #options: MqttOptions;
  readonly #wayOut: Pick<WayOut, 'leave'>;

  constructor(options: MqttOptions, wayOut: Pick<WayOut, 'leave'> = createWayOut(false)) {
    this.id = options.id;
    this.#options = options;
    this.#wayOut = wayOut;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    if (signal.aborted) return;
    const topic = await OpenTopic.open(this.#options, this.#wayOut);
    const stop = (): void => topic.end(null);
    signal.addEventListener('abort', stop, { once: true });
    const rows = new TimedRows({ ...this.#options, fillRows: FILL_ROWS });
    try {
      yield rows.start();
      for (let next = await topic.next(); next !== null; next = await topic.next()) {
        const queued = next;
        if (queued.kind === 'loss') {
          yield* rows.lose(queued.rows, queued.reason);
          continue;
        }
        if (!Number.isNaN(queued.timeMs)) yield* rows.reach(queued.timeMs);
        yield* rows.row((channel) => queued.values[channel] as number);
      }
      if (!signal.aborted && topic.failure !== null) throw topic.failure;
    } finally {
      signal.removeEventListener('abort', stop);
      topic.end(null);
      await topic.gone();
    }
  }
}

/** One connection to the broker and the rows that came over it. */
class OpenTopic {
  failure: CatnapError | null = null;
  readonly #options: MqttOptions;
  readonly #client: MqttClient;
  readonly #paths: readonly (readonly string[])[];
  readonly #timePath: readonly string[] | null;
  readonly #queue: Queued[] = [];
  readonly #watchdog: NodeJS.Timeout;
  #ended = false;
  #wake: () => void = () => {};

  static async open(options: MqttOptions, wayOut: Pick<WayOut, 'leave'>): Promise<OpenTopic> {
    const { url, topic, username, password } = options;
    let client: MqttClient | null = null;
    try {
      // Reconnecting is the supervisor's: here a lost connection ends the source.
      const passage = { what: 'source', to: hostOf(url), bytes: Buffer.byteLength(topic) } as const;
      const login = {
        ...(username === null ? {} : { username }),
        ...(password === null ? {} : { password }),
      };
      client = await wayOut.leave(passage, () =>
        connectAsync(url, { ...login, reconnectPeriod: 0, connectTimeout: CONNECT_MS }),
      );
      const open = new OpenTopic(options, client);
      // QoS 0: nothing is delivered twice, and within a connection TCP loses nothing.
      await client.subscribeAsync(topic, { qos: 0 });
      return open;
    } catch (cause) {
      client?.end(true);
      if (cause instanceof CatnapError) throw cause;
      throw new CatnapError('SOURCE_UNAVAILABLE', `topic ${topic} at ${hostOf(url)}: ${String(cause)}`, {
        cause,
      });
    }
  }

  private constructor(options: MqttOptions, client: MqttClient) {
    this.#options = options;
    this.#client = client;
    this.#paths = options.channels.map((channel) => (channel.path ?? channel.name).split('.'));
    this.#timePath = options.time?.split('.') ?? null;
    const silentMs = options.silentMs ?? Math.max(5000, 10_000 / options.rateHz);
    this.#watchdog = setTimeout(
      () => this.end(this.#error('SOURCE_SILENT', `expected a message within ${silentMs} ms, found none`)),
      silentMs,
    );
    client.on('message', (_, payload, packet) => this.#take(payload, packet));
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
    clearTimeout(this.#watchdog);
    this.#wake();
  }

  async gone(): Promise<void> {
    await this.#client.endAsync(true).catch(() => {});
  }

  #take(payload: Buffer, packet: IPublishPacket): void {
    if (packet.retain) return;
    this.#watchdog.refresh();
    const message = payload.length <= MAX_MESSAGE_BYTES ? parseJson(payload.toString('utf8')) : undefined;
    if (message === undefined) {
      this.#lose('garbage');
    } else {
      const values = Float32Array.from(this.#paths, (path) => {
        const value = at(message, path);
        return typeof value === 'number' ? value : Number.NaN;
      });
      const time = this.#timePath === null ? undefined : at(message, this.#timePath);
      this.#queue.push({ kind: 'row', timeMs: timeMsOf(time), values });
    }
    this.#evict();
    this.#wake();
  }

  #lose(reason: GapReason): void {
    this.#queue.push({ kind: 'loss', reason, rows: 1 });
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
    return new CatnapError(code, `topic ${this.#options.topic} at ${hostOf(this.#options.url)}: ${found}`);
  }
}

/** Host and port of a URL, without the user and password that may stand in it. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the broker';
}

function at(message: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (here, key) =>
      here !== null && typeof here === 'object' && Object.hasOwn(here, key)
        ? (here as Record<string, unknown>)[key]
        : undefined,
    message,
  );
}

function timeMsOf(time: unknown): number {
  if (typeof time === 'number') return time;
  return typeof time === 'string' ? Date.parse(time) : Number.NaN;
}
