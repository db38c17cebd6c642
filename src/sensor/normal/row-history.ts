/** The newest rows of a signal as they came, the oldest overwritten: what is learnt from. */
export class RowHistory {
  /** Rows kept since the beginning, without those that were dropped. */
  rows = 0;
  readonly #values: Float64Array;

  constructor(
    readonly capacityRows: number,
    readonly features: number,
  ) {
    this.#values = new Float64Array(capacityRows * features);
  }

  keep(row: ArrayLike<number>): void {
    this.#values.set(row, (this.rows % this.capacityRows) * this.features);
    this.rows += 1;
  }

  /** All of it in order of time; what was not kept yet, or dropped, comes first. */
  recent(): Float64Array {
    const split = (this.rows % this.capacityRows) * this.features;
    const rows = new Float64Array(this.#values.length);
    rows.set(this.#values.subarray(split));
    rows.set(this.#values.subarray(0, split), this.#values.length - split);
    return rows;
  }

  /** The newest `rows`, as far as it goes back, in order of time. */
  newest(rows: number): Float64Array {
    const kept = Math.min(rows, this.rows, this.capacityRows);
    return this.recent().slice(this.#values.length - kept * this.features);
  }
}
