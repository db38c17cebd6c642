import type { ChannelFormat, GapReason, SourceItem } from '../core/signal/frame.js';
import { defaultHopRows, HopCutter } from '../core/signal/hops.js';

export interface TimedRowsOptions {
  readonly id: string;
  readonly rateHz: number;
  readonly channels: readonly ChannelFormat[];
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
  /** Up to this many rows in a row that are missing, or cannot be read, become rows of NaN; more are a gap. */
  readonly fillRows: number;
  /** Milliseconds since the epoch of the first row, where its time is written. */
  readonly startMs?: number | undefined;
}

/** Rows that come one by one, with or without a time, to the items of a source. */
export class TimedRows {
  /** Rows of NaN given for missing ones. */
  filledRows = 0;
  readonly #options: TimedRowsOptions;
  readonly #hops: HopCutter;
  #timeMs = Number.NaN;
  /** Whether something came since the last row that may have been one. */
  #hasSkipped = false;
  /** Rows since the last one that could be read, while they are few enough to be missing values. */
  #unreadRows = 0;
  /** Rows lost in a row are told twice at most: the first at once, those after it when a row comes again. */
  #losing: { readonly reason: GapReason; rows: number } | null = null;

  constructor(options: TimedRowsOptions) {
    this.#options = options;
    this.#hops = new HopCutter(options.id);
  }

  start(): SourceItem {
    const { id, rateHz, channels, hopRows, startMs } = this.#options;
    const named = channels.map(({ name, unit }) => ({ name, unit }));
    return this.#hops.start(
      { kind: 'format', source: id, rateHz, channels: named, ...(startMs === undefined ? {} : { startMs }) },
      hopRows ?? defaultHopRows(rateHz),
    );
  }

  /** Accounts for the rows that are missing before one of this time. */
  *reach(timeMs: number): Generator<SourceItem> {
    const { rateHz, fillRows } = this.#options;
    const steps = Number.isNaN(this.#timeMs) ? 1 : ((timeMs - this.#timeMs) * rateHz) / 1000;
    const missing = Math.max(0, Math.round(steps) - 1);
    const isSkipped = this.#hasSkipped && missing > 0;
    this.#hasSkipped = false;
    if (steps < 0 || missing > fillRows) yield* this.#settle();
    if (steps < 0) yield this.#hops.interrupt(0, 'reset');
    else if (isSkipped) yield* this.lose(missing, 'garbage');
    else if (missing > fillRows) yield this.#hops.interrupt(missing, 'lost');
    else {
      this.filledRows += missing;
      if (missing > 0) yield* this.#settle();
      yield* this.#fill(missing);
    }
    // At last, for what was lost has moved it, too.
    this.#timeMs = timeMs;
  }

  /** One row; `value` gives a channel's value, NaN where it is missing. */
  *row(value: (channel: number) => number): Generator<SourceItem> {
    yield* this.#settle();
    yield* this.#write(value);
  }

  *#write(value: (channel: number) => number): Generator<SourceItem> {
    const { data, offset } = this.#hops;
    for (let c = 0; c < this.#options.channels.length; c++) data[offset + c] = value(c);
    if (this.#hops.commit(1)) yield this.#hops.frame();
  }

  /**
   * Rows that are lost for a reason known here: one period of time each. Few that could not be read cost their values
   * only, so that what goes on around them is not broken off each time.
   */
  *lose(rows: number, reason: GapReason): Generator<SourceItem> {
    this.#timeMs += (rows * 1000) / this.#options.rateHz;
    if (this.#losing?.reason === reason) {
      this.#losing.rows += rows;
      return;
    }
    const unread = reason === 'garbage' ? this.#unreadRows + rows : 0;
    if (unread > 0 && unread <= this.#options.fillRows) {
      this.#unreadRows = unread;
      return;
    }
    if (unread > 0) this.#unreadRows = 0;
    yield* this.#settle();
    this.#losing = { reason, rows: 0 };
    yield this.#hops.interrupt(Math.max(rows, unread), reason);
  }

  /** Something without a time that may have been a row: the time of the next one shows whether it was. */
  skip(): void {
    this.#hasSkipped = true;
  }

  /** Rows of an unfinished last hop, as a gap: they are too few to judge. */
  *end(): Generator<SourceItem> {
    yield* this.#settle();
    if (this.#hops.offset > 0) yield this.#hops.interrupt(0, 'dropped');
  }

  /** Accounts for the rows that were lost so far. */
  *#settle(): Generator<SourceItem> {
    const unread = this.#unreadRows;
    this.#unreadRows = 0;
    const losing = this.#losing;
    this.#losing = null;
    if (losing !== null && losing.rows > 0) yield this.#hops.interrupt(losing.rows, losing.reason);
    yield* this.#fill(unread);
  }

  *#fill(rows: number): Generator<SourceItem> {
    for (let i = 0; i < rows; i++) yield* this.#write(() => Number.NaN);
  }
}
