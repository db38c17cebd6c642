import type { Time } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import type { Source, SourceItem } from '../../core/signal/frame.js';
import { Watchdog } from '../../core/watchdog.js';
import { type ChannelPlace, ChannelValues } from '../channel-values.js';
import { ClockWatch } from '../clock-watch.js';
import { type Message, messagesOf, partsOf } from '../message.js';
import { MessageTimes, type TimeReading } from '../message-times.js';
import { quantityIn } from '../quantity.js';
import { FILL_ROWS } from '../row-losses.js';
import type { SerialLine } from '../serial/serial-line.js';
import type { SourceEdges } from '../source-kind.js';
import { TimedRows } from '../timed-rows.js';
import type { DayOrder } from '../times.js';
import { UsableRows } from '../usable-rows.js';
import { Lines } from './lines.js';

export interface SerialTextOptions extends Time {
  readonly id: string;
  /** Device path; a stable one (`/dev/serial/by-id/...`) is followed when the board comes back under another tty. */
  readonly path: string;
  readonly baud: number;
  /** Lines a second that are expected. */
  readonly rateHz: number;
  /** Values to take from each line; `null`: all that the first one holds. */
  readonly channels: readonly ChannelPlace[] | null;
  /** Name of the time in a line; `null`: lines have none. */
  readonly time: string | null;
  /** Seconds that a numeric time counts in; `null` tells them by their size. */
  readonly timeUnitSeconds: number | null;
  /** Which of day and month stands first in times as 03/05/2024; `null`: as the first day beyond the 12th shows. */
  readonly dayOrder: DayOrder | null;
  /** Zone of times that name none; `null`: UTC. */
  readonly timeZone: string | null;
  /** Silence after which the line counts as lost; `null` takes ten lines, and at least 5 s. */
  readonly silentMs: number | null;
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
  /** Told when lines come and hold no value, or their clock stands still, and when all is well again. */
  readonly onHealth: SourceEdges['onHealth'];
}

const MOST_CHANNELS = 64;
/** Of a line that cannot be read, for a person. */
const SHOWN_CHARACTERS = 40;

/** What is read out of lines, once it is known what they hold. */
interface Table {
  readonly values: ChannelValues;
  readonly rows: TimedRows;
  readonly row: Float32Array;
}

/**
 * Rows as lines of text on a serial port: `12.3,45.6`, `flow=12.3 temp=20.1`, JSON. Names and units are those of the
 * configuration, of the values, or of a header line.
 *
 * `frames` throws `SOURCE_UNAVAILABLE` when the port cannot be opened, `SOURCE_LOST` when the line goes away,
 * `SOURCE_SILENT` when no line comes. When it returns or throws, the port is closed.
 */
export class SerialTextSource implements Source {
  readonly id: string;
  readonly #options: SerialTextOptions;
  readonly #usable: UsableRows;
  readonly #clock: ClockWatch;
  readonly #times: MessageTimes;
  #table: Table | null = null;
  #header: readonly string[] | null = null;

  constructor(options: SerialTextOptions) {
    this.id = options.id;
    this.#options = options;
    this.#usable = new UsableRows(options.rateHz, options.onHealth('values'));
    this.#clock = new ClockWatch(options.onHealth('clock'));
    this.#times = new MessageTimes(options, options.onHealth('times'));
  }

  /** What the last line was that held no value, in words; empty where there was none. */
  get complaint(): string {
    return this.#usable.complaint;
  }

  /** What the time of the last line was taken for; null where they have none. */
  get time(): TimeReading | null {
    return this.#times.last;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    if (signal.aborted) return;
    // Its library is native code.
    const { SerialLine } = await import('../serial/serial-line.js');
    const port = await SerialLine.open(this.#options);
    const stop = (): void => port.close(null);
    signal.addEventListener('abort', stop, { once: true });
    const lines = new Lines();
    const watchdog = this.#watch(port, lines);
    this.#table = null;
    try {
      for (let chunk = await port.next(); chunk !== null; chunk = await port.next()) {
        for (const line of lines.take(chunk)) {
          watchdog.feed();
          yield* this.#line(line, lines.isFirst);
        }
      }
      if (!signal.aborted) throw port.failure;
    } finally {
      signal.removeEventListener('abort', stop);
      watchdog.stop();
      port.close(null);
      await port.gone;
    }
  }

  #watch(port: SerialLine, lines: Lines): Watchdog {
    const { path, baud, rateHz } = this.#options;
    const silentMs = this.#options.silentMs ?? Math.max(5000, 10_000 / rateHz);
    return new Watchdog(this.#options, silentMs, () => {
      const found = `expected a line of text within ${silentMs} ms, found ${lines.pendingBytes} bytes without an end of line (is ${baud} baud right?)`;
      port.close(new CatnapError('SOURCE_SILENT', `board on ${path}: ${found}`));
    });
  }

  *#line(line: string | null, isFirst: boolean): Generator<SourceItem> {
    if (line !== null && this.#isHeader(line)) return;
    // The port was opened in the midst of it.
    if (isFirst) return;
    const message = line === null ? undefined : messagesOf(line)?.[0];
    if (message === undefined) {
      const found = line === null ? 'a line that is too long' : `"${line.slice(0, SHOWN_CHARACTERS)}"`;
      this.#usable.take(false, () => `expected numbers, name=value or JSON, found ${found}`);
      if (this.#table !== null) yield* this.#table.rows.lose(1, 'garbage');
      return;
    }
    if (this.#table === null) yield* this.#begin(message);
    if (this.#table !== null) yield* this.#row(message, this.#table);
  }

  /** A line of words only: the names of what stands below it. The same again, with nothing below, names nothing. */
  #isHeader(line: string): boolean {
    const parts = partsOf(line);
    if (messagesOf(line) !== null || !parts.every((part) => /^[a-z_]/i.test(part))) return false;
    const isKnown = parts.join() === this.#header?.join();
    if (this.#table !== null) return isKnown;
    this.#header = parts;
    return !isKnown;
  }

  *#begin(message: Message): Generator<SourceItem> {
    const { id, rateHz, hopRows, time } = this.#options;
    const channels = this.#options.channels ?? channelsIn(message.content, this.#header, time);
    if (channels.length === 0) {
      this.#usable.take(false, () => 'expected numbers in a line, found none');
      return;
    }
    const rows = new TimedRows({ id, rateHz, hopRows, channels, fillRows: FILL_ROWS });
    this.#table = { values: new ChannelValues(channels), rows, row: new Float32Array(channels.length) };
    yield rows.start();
  }

  *#row(message: Message, { values, rows, row }: Table): Generator<SourceItem> {
    const isUsable = values.read(message, row);
    this.#usable.take(isUsable, () => values.complaint ?? '');
    const timeMs = this.#times.msOf(message);
    this.#clock.take(timeMs);
    if (!Number.isNaN(timeMs)) yield* rows.reach(timeMs);
    yield* rows.row((channel) => row[channel] as number);
  }
}

/** The numbers that a line holds, with names and units as it, or the header above it, says. */
function channelsIn(
  content: unknown,
  header: readonly string[] | null,
  time: string | null,
): readonly ChannelPlace[] {
  const parts = content !== null && typeof content === 'object' ? content : [content];
  const isList = Array.isArray(parts);
  const names = isList && header?.length === parts.length ? header : null;
  const channels = Object.entries(parts).flatMap(([key, value]): ChannelPlace[] => {
    const quantity = quantityIn(value);
    if (quantity === null || key === time) return [];
    const named = names?.[Number(key)] ?? (isList ? `column ${Number(key) + 1}` : key);
    const match = /^(.*\S)\s*[([]([^()[\]]*)[)\]]$/.exec(named);
    const unit = match?.[2] ?? quantity.unit;
    return [{ name: match?.[1] ?? named, unit, path: isList ? null : key }];
  });
  return channels.slice(0, MOST_CHANNELS);
}
