import type { Telemetry } from '../core/metering/telemetry.js';

type Level = Extract<Telemetry, { type: 'level' }>;

/** Recent readings of one source column by column, oldest first; all columns are equally long. */
export interface LevelTrace {
  readonly atMs: readonly number[];
  readonly levelDb: readonly number[];
  readonly floorDb: readonly number[];
  readonly gateOpen: readonly boolean[];
  /** Null where no model ran. */
  readonly confidence: readonly (number | null)[];
  /** One row a reading, one value a channel; empty rows for audio. */
  readonly values: readonly (readonly number[])[];
}

/** Columns of a reading: time, level, floor, gate, confidence (NaN stands for null). */
const FIXED = 5;

/**
 * The newest level readings of one source, in memory that is taken once. Kept as objects, ten readings a second
 * would each grow old before they are let go, and fill V8's old generation with what only a full collection finds.
 */
export class LevelHistory {
  readonly #capacity: number;
  /** `capacity` rows of {@link FIXED} values and one a channel. */
  #rows = new Float64Array(0);
  #width = 0;
  #taken = 0;
  #newest: Level | null = null;

  /** @param capacity readings kept; the oldest go first */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** State of the cascade at the newest reading; null before the first. */
  get state(): string | null {
    return this.#newest?.state ?? null;
  }

  /** Level of the newest reading, dB; null before the first. */
  get levelDb(): number | null {
    return this.#newest?.levelDb ?? null;
  }

  /** Takes a reading. One of another number of channels is of another signal: what was before it is forgotten. */
  push(reading: Level): void {
    const { atMs, levelDb, floorDb, gateOpen, confidence, values } = reading;
    this.#newest = reading;
    const width = FIXED + values.length;
    if (width !== this.#width) {
      this.#width = width;
      this.#rows = new Float64Array(this.#capacity * width);
      this.#taken = 0;
    }
    if (this.#capacity === 0) return;
    const at = (this.#taken % this.#capacity) * width;
    this.#rows[at] = atMs;
    this.#rows[at + 1] = levelDb;
    this.#rows[at + 2] = floorDb;
    this.#rows[at + 3] = gateOpen ? 1 : 0;
    this.#rows[at + 4] = confidence ?? Number.NaN;
    this.#rows.set(values, at + FIXED);
    this.#taken += 1;
  }

  /** A copy of what is kept. */
  trace(): LevelTrace {
    const length = Math.min(this.#taken, this.#capacity);
    const rows = Array.from({ length }, (_, i) => this.#row(this.#taken - length + i));
    const column = (index: number) => rows.map((row) => row[index] as number);
    return {
      atMs: column(0),
      levelDb: column(1),
      floorDb: column(2),
      gateOpen: column(3).map((open) => open === 1),
      confidence: column(4).map((confidence) => (Number.isNaN(confidence) ? null : confidence)),
      values: rows.map((row) => [...row.subarray(FIXED)]),
    };
  }

  #row(reading: number): Float64Array {
    const at = (reading % this.#capacity) * this.#width;
    return this.#rows.subarray(at, at + this.#width);
  }
}
