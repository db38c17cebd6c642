import { TimeZone } from '../../core/time-zone.js';

/**
 * Where rows stand in the days and weeks of the place where a signal comes from: counted from the epoch in local time,
 * so that midnight stays midnight over a restart and over a change of the clocks.
 */
export class LocalRows {
  readonly #startMs: number | undefined;
  readonly #rowMs: number;
  readonly #zone: TimeZone | null;

  /**
   * @param startMs milliseconds since the epoch at which row 0 began; undefined: nobody knows.
   * @param timeZone IANA name; null: the clocks of the signal never change.
   */
  constructor(startMs: number | undefined, rowMs: number, timeZone: string | null) {
    this.#startMs = startMs;
    this.#rowMs = rowMs;
    this.#zone = timeZone === null ? null : new TimeZone(timeZone);
  }

  /** The row that a row of the signal is of all those since the epoch; the row itself where nobody knows. */
  rowOf(at: number): number {
    if (this.#startMs === undefined) return at;
    const wallMs = this.#startMs + at * this.#rowMs;
    return Math.round((wallMs + (this.#zone?.offsetAt(wallMs) ?? 0)) / this.#rowMs);
  }

  /** Milliseconds since the epoch at which a row of the signal begins; null where nobody knows. */
  msOf(at: number): number | null {
    return this.#startMs === undefined ? null : this.#startMs + at * this.#rowMs;
  }
}
