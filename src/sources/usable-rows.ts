import type { Health } from '../core/events/health.js';

/** Rows without a value in a run before it is told, and how long they have to last at least. */
const FEWEST_ROWS = 5;
const LEAST_SECONDS = 1;
/** So many times as many rows with values in a row end a run. */
const WELL_FACTOR = 2;

/**
 * Tells when what comes holds no usable value (or time), and when such come again. A run of losses goes on over rows
 * that are good in between until enough of them are good in a row, and is told once, however the good and the bad
 * alternate; of runs too short for that it is told how many rows they cost at powers of ten.
 */
export class UsableRows {
  readonly #limit: number;
  readonly #onHealth: (health: Health) => void;
  /** Rows of the run, and those of them without a value. */
  #rows = 0;
  #useless = 0;
  /** Rows with a value since the last without. */
  #well = 0;
  /** Rows that runs cost which were too short to be told, and how many of them are told of next. */
  #lone = 0;
  #nextTold = 1;
  #complaint = (): string => '';

  constructor(
    rateHz: number,
    onHealth: (health: Health) => void,
    readonly what: 'value' | 'time' = 'value',
  ) {
    this.#limit = Math.max(FEWEST_ROWS, Math.round(LEAST_SECONDS * rateHz));
    this.#onHealth = onHealth;
  }

  /** What was found in place of values in the last row that held none; empty where there was no such row. */
  get complaint(): string {
    return this.#complaint();
  }

  /** Takes a row in; `complaint` says what was found in place of values. */
  take(isUsable: boolean, complaint: () => string): void {
    if (isUsable) this.come(1);
    else this.lose(1, complaint);
  }

  /** Takes in that `rows` rows came with values. */
  come(rows: number): void {
    if (this.#useless === 0) return;
    this.#well += rows;
    if (this.#well >= WELL_FACTOR * this.#limit) this.#end();
  }

  /** Takes in that `rows` rows never came, or could not be read at all. */
  lose(rows: number, complaint: () => string): void {
    const before = this.#useless;
    this.#rows += this.#well + rows;
    this.#well = 0;
    this.#useless += rows;
    this.#complaint = complaint;
    if (before < this.#limit && this.#useless >= this.#limit)
      this.#tell('degraded', 'SOURCE_FORMAT', `${this.#found(this.#useless, this.#rows)}: ${complaint()}`);
  }

  #end(): void {
    if (this.#useless >= this.#limit)
      this.#tell('ok', 'OK', `${this.what}s come again: ${this.#found(this.#useless, this.#rows)}`);
    else this.#count(this.#useless);
    this.#rows = 0;
    this.#useless = 0;
    this.#well = 0;
  }

  #count(rows: number): void {
    this.#lone += rows;
    if (this.#lone < this.#nextTold) return;
    while (this.#nextTold <= this.#lone) this.#nextTold *= 10;
    this.#tell(
      'ok',
      'OK',
      `${this.#lone} rows without a ${this.what} so far, the last: ${this.#complaint()}`,
    );
  }

  #found(useless: number, rows: number): string {
    const without = `without a ${this.what}`;
    return useless === rows ? `${rows} rows ${without}` : `${useless} of ${rows} rows ${without}`;
  }

  #tell(state: Health['state'], code: Health['code'], detail: string): void {
    this.#onHealth({ state, code, detail });
  }
}
