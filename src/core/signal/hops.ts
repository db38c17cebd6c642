import type { Frame, Gap, GapReason, SignalFormat } from './frame.js';

/** Rows of a sensor hop when none are configured: one up to 10 Hz, else about 100 ms. */
export function defaultHopRows(rateHz: number): number {
  return rateHz <= 10 ? 1 : Math.max(1, Math.round(rateHz / 10));
}

/**
 * Cuts a source's rows into hops on its sample clock. Write rows into `data` from `offset` and `commit` them;
 * where that is true, `frame()` is the hop. Rows of an unfinished hop go into the gap that interrupts it: a
 * hop holds consecutive samples only.
 */
export class HopCutter {
  #format: SignalFormat | null = null;
  #data = new Float32Array(0);
  #channels = 0;
  #hopRows = 0;
  #rows = 0;
  #sample = 0;

  constructor(readonly source: string) {}

  /** Index of the next sample. */
  get sample(): number {
    return this.#sample;
  }

  get format(): SignalFormat | null {
    return this.#format;
  }

  /** Begins another format, in hops of so many rows; an unfinished hop must have been closed by {@link interrupt}. */
  start(format: SignalFormat, hopRows: number): SignalFormat {
    this.#format = format;
    this.#hopRows = hopRows;
    this.#channels = format.channels.length;
    this.#data = new Float32Array(this.#channels * hopRows);
    this.#rows = 0;
    return format;
  }

  /** Where the next row's values go: `channels` values from the returned offset. */
  get data(): Float32Array {
    return this.#data;
  }

  /** Values of a row. */
  get channels(): number {
    return this.#channels;
  }

  get offset(): number {
    return this.#rows * this.#channels;
  }

  /** Rows until the hop is full; at least one. */
  get room(): number {
    return this.#hopRows - this.#rows;
  }

  /** Counts rows written from {@link offset}; true when they complete a hop, which {@link frame} then gives. */
  commit(rows: number): boolean {
    this.#rows += rows;
    this.#sample += rows;
    return this.#rows === this.#hopRows;
  }

  /** The completed hop; its data is reused by the next one. */
  frame(): Frame {
    const format = this.#format as SignalFormat;
    const rows = this.#rows;
    this.#rows = 0;
    return {
      kind: 'frame',
      source: this.source,
      sample: this.#sample - rows,
      rateHz: format.rateHz,
      channels: this.#channels,
      data: this.#data,
    };
  }

  /** `lostRows` rows never arrived (0: unknown). The gap begins at the first row of an unfinished hop. */
  interrupt(lostRows: number, reason: GapReason): Gap {
    const sample = this.#sample - this.#rows;
    const lostSamples = lostRows + this.#rows;
    this.#rows = 0;
    this.#sample += lostRows;
    return { kind: 'gap', source: this.source, sample, lostSamples, reason };
  }
}
