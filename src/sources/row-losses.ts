import type { GapReason, SourceItem } from '../core/signal/frame.js';
import type { HopCutter } from '../core/signal/hops.js';

/** What may have happened to a few rows without breaking off what goes on around them. */
const VALUES_ONLY: ReadonlySet<GapReason> = new Set(['garbage', 'lost', 'overrun']);

/** Up to this many lost rows in a row are missing values, where nobody says otherwise. */
export const FILL_ROWS = 5;

/**
 * The losses among rows of hops: few in a row cost their values only, and become rows of NaN; more are a gap, and what
 * is lost behind it for the same reason until a row comes is one more, however many losses it comes in.
 */
export class RowLosses {
  /** Rows of NaN given for `lost` ones. */
  filledRows = 0;
  readonly #hops: HopCutter;
  readonly #fillRows: number;
  /** Rows since the last one that came, while they are few enough to be missing values, and how many are `lost`. */
  #few = 0;
  #fewLost = 0;
  /** What was lost behind a gap for the same reason. */
  #behind: { readonly reason: GapReason; rows: number } | null = null;

  /** @param fillRows up to this many lost rows in a row become rows of NaN */
  constructor(hops: HopCutter, fillRows: number) {
    this.#hops = hops;
    this.#fillRows = fillRows;
  }

  /** The next `rows` rows did not come. */
  *lose(rows: number, reason: GapReason): Generator<SourceItem> {
    if (this.#behind?.reason === reason) {
      this.#behind.rows += rows;
      return;
    }
    const run = VALUES_ONLY.has(reason) ? this.#few + rows : 0;
    if (run > 0 && run <= this.#fillRows) {
      this.#few = run;
      if (reason === 'lost') this.#fewLost += rows;
      return;
    }
    if (run > 0) this.#forgetFew();
    yield* this.settle();
    this.#behind = { reason, rows: 0 };
    yield this.#hops.interrupt(Math.max(rows, run), reason);
  }

  /** Accounts for what was lost so far: a row comes, or something else that is no loss. */
  *settle(): Generator<SourceItem> {
    const few = this.#few;
    this.filledRows += this.#fewLost;
    this.#forgetFew();
    const behind = this.#behind;
    this.#behind = null;
    if (behind !== null && behind.rows > 0) yield this.#hops.interrupt(behind.rows, behind.reason);
    for (let i = 0; i < few; i++) yield* this.#fill();
  }

  #forgetFew(): void {
    this.#few = 0;
    this.#fewLost = 0;
  }

  *#fill(): Generator<SourceItem> {
    const { data, offset, channels } = this.#hops;
    data.fill(Number.NaN, offset, offset + channels);
    if (this.#hops.commit(1)) yield this.#hops.frame();
  }
}
