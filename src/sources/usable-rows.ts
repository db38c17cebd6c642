import type { Health } from '../core/events/health.js';

/** Rows in a row that hold nothing before it is told, and how long they have to last at least. */
const FEWEST_ROWS = 5;
const LEAST_SECONDS = 1;

/** Tells when what comes holds no usable value for a few rows on end, and when one comes again. */
export class UsableRows {
  readonly #limit: number;
  readonly #onHealth: (health: Health) => void;
  #useless = 0;
  #complaint = (): string => '';

  constructor(rateHz: number, onHealth: (health: Health) => void) {
    this.#limit = Math.max(FEWEST_ROWS, Math.round(LEAST_SECONDS * rateHz));
    this.#onHealth = onHealth;
  }

  /** What was found in place of values in the last row that held none; empty where there was no such row. */
  get complaint(): string {
    return this.#complaint();
  }

  /** Takes a row in; `complaint` says what was found in place of values. */
  take(isUsable: boolean, complaint: () => string): void {
    if (isUsable) {
      const wasTold = this.#useless >= this.#limit;
      this.#useless = 0;
      if (wasTold) this.#onHealth({ state: 'ok', code: 'OK', detail: 'values come again' });
      return;
    }
    this.#useless += 1;
    this.#complaint = complaint;
    if (this.#useless !== this.#limit) return;
    const detail = `${this.#limit} rows without a value: ${complaint()}`;
    this.#onHealth({ state: 'degraded', code: 'SOURCE_FORMAT', detail });
  }
}
