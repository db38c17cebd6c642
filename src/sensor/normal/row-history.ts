/** A stretch with more of it in alarm teaches nothing about what is normal. */
const MOST_ALARM_SHARE = 0.5;

/**
 * The newest rows of a signal as they came, the oldest overwritten: what is learnt from, first when there are enough of
 * them, and then once in a stretch.
 */
export class RowHistory {
  readonly #values: Float64Array;
  /** Rows kept since the beginning, without those that were dropped. */
  #rows = 0;
  #learntRow = 0;
  #nextLearnRow: number;
  /** Rows in alarm of those that are learnt from next. */
  #alarmRows = 0;

  /** @param stretchRows rows from one time that is learnt from to the next, no fewer than are kept */
  constructor(
    readonly capacityRows: number,
    readonly features: number,
    readonly stretchRows = capacityRows,
  ) {
    this.#values = new Float64Array(capacityRows * features);
    this.#nextLearnRow = capacityRows;
  }

  /** Whether there are just enough rows to learn from for the first time. */
  get isFirst(): boolean {
    return this.#rows === this.capacityRows && this.#learntRow === 0;
  }

  /** Whether enough came since the last time that was learnt from. */
  get isDue(): boolean {
    return this.#rows >= this.#nextLearnRow;
  }

  /** Rows until then. */
  get waitRows(): number {
    return this.#nextLearnRow - this.#rows;
  }

  keep(row: ArrayLike<number>): void {
    const { features } = this;
    const at = (this.#rows % this.capacityRows) * features;
    for (let f = 0; f < features; f++) this.#values[at + f] = row[f] as number;
    this.#rows += 1;
  }

  /** The newest row, kept or not, was in alarm. */
  alarmed(): void {
    if (this.waitRows < this.capacityRows) this.#alarmRows += 1;
  }

  /** What is kept is learnt from now; whether enough of it was calm. */
  learn(): boolean {
    const wasCalm = this.#alarmRows < MOST_ALARM_SHARE * this.capacityRows;
    this.#alarmRows = 0;
    this.#learntRow = this.#rows;
    this.#nextLearnRow = this.#rows + this.stretchRows;
    return wasCalm;
  }

  /** Takes the last `rows` rows out. What they overwrote is gone, so as many have to come anew. */
  drop(rows: number): void {
    this.#nextLearnRow = Math.max(this.#nextLearnRow, this.#rows);
    this.#rows = Math.max(this.#learntRow, this.#rows - rows);
    this.#alarmRows = Math.max(0, this.#alarmRows - rows);
  }

  clear(): void {
    this.#rows = 0;
    this.#learntRow = 0;
    this.#nextLearnRow = this.capacityRows;
    this.#alarmRows = 0;
  }

  /** All of it in order of time; what was not kept yet, or dropped, comes first. */
  recent(): Float64Array {
    const split = (this.#rows % this.capacityRows) * this.features;
    const rows = new Float64Array(this.#values.length);
    rows.set(this.#values.subarray(split));
    rows.set(this.#values.subarray(0, split), this.#values.length - split);
    return rows;
  }

  /** The newest `rows`, as far as it goes back, in order of time. */
  newest(rows: number): Float64Array {
    const kept = Math.min(rows, this.#rows, this.capacityRows);
    return this.recent().slice(this.#values.length - kept * this.features);
  }
}
