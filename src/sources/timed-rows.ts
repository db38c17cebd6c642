import type { ChannelFormat, GapReason, SourceItem } from '../core/signal/frame.js';
import { defaultHopRows, HopCutter } from '../core/signal/hops.js';
import { RowLosses } from './row-losses.js';

export interface TimedRowsOptions {
  readonly id: string;
  readonly rateHz: number;
  readonly channels: readonly ChannelFormat[];
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
  /** Up to this many lost rows in a row become rows of NaN; more are a gap. */
  readonly fillRows: number;
  /** Milliseconds since the epoch of the first row, where its time is written. */
  readonly startMs?: number | undefined;
}

/** Rows that come one by one, with or without a time, to the items of a source. */
export class TimedRows {
  readonly #options: TimedRowsOptions;
  readonly #hops: HopCutter;
  readonly #losses: RowLosses;
  #timeMs = Number.NaN;
  /** Whether something came since the last row that may have been one. */
  #hasSkipped = false;

  constructor(options: TimedRowsOptions) {
    this.#options = options;
    this.#hops = new HopCutter(options.id);
    this.#losses = new RowLosses(this.#hops, options.fillRows);
  }

  /** Rows of NaN given for missing ones. */
  get filledRows(): number {
    return this.#losses.filledRows;
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
    const { rateHz } = this.#options;
    const steps = Number.isNaN(this.#timeMs) ? 1 : ((timeMs - this.#timeMs) * rateHz) / 1000;
    const missing = Math.max(0, Math.round(steps) - 1);
    const isSkipped = this.#hasSkipped && missing > 0;
    this.#hasSkipped = false;
    if (steps < 0) {
      yield* this.#losses.settle();
      yield this.#hops.interrupt(0, 'reset');
    } else if (missing > 0) {
      yield* this.lose(missing, isSkipped ? 'garbage' : 'lost');
    }
    // At last, for what was lost has moved it, too.
    this.#timeMs = timeMs;
  }

  /** One row; `value` gives a channel's value, NaN where it is missing. */
  *row(value: (channel: number) => number): Generator<SourceItem> {
    yield* this.#losses.settle();
    const { data, offset, channels } = this.#hops;
    for (let c = 0; c < channels; c++) data[offset + c] = value(c);
    if (this.#hops.commit(1)) yield this.#hops.frame();
  }

  /**
   * Rows that are lost for a reason known here: one period of time each. Few that could not be read cost their values
   * only, so that what goes on around them is not broken off each time.
   */
  *lose(rows: number, reason: GapReason): Generator<SourceItem> {
    this.#timeMs += (rows * 1000) / this.#options.rateHz;
    yield* this.#losses.lose(rows, reason);
  }

  /** Something without a time that may have been a row: the time of the next one shows whether it was. */
  skip(): void {
    this.#hasSkipped = true;
  }

  /** Rows of an unfinished last hop, as a gap: they are too few to judge. */
  *end(): Generator<SourceItem> {
    yield* this.#losses.settle();
    if (this.#hops.offset > 0) yield this.#hops.interrupt(0, 'dropped');
  }
}
