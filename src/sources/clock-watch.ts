import type { Health } from '../core/events/health.js';

/** Rows that may bear the same time before a clock counts as stopped: at least, and in longest such runs before. */
const LEAST_ROWS = 30;
const RUN_FACTOR = 10;
/** The same while its times never moved: they may be far coarser than the rows. */
const UNKNOWN_ROWS = 1000;

/** Tells when the clock that gives rows their times stands still while rows come, and when it goes on. */
export class ClockWatch {
  #timeMs = Number.NaN;
  #same = 0;
  #longest = 0;
  #isTold = false;

  constructor(readonly onHealth: (health: Health) => void) {}

  /** Takes the time of a row, in milliseconds since the epoch; NaN of one without is passed over. */
  take(timeMs: number): void {
    if (Number.isNaN(timeMs)) return;
    if (timeMs === this.#timeMs) this.#stand();
    else this.#move(timeMs);
  }

  #stand(): void {
    this.#same += 1;
    const most = this.#longest === 0 ? UNKNOWN_ROWS : Math.max(LEAST_ROWS, RUN_FACTOR * this.#longest);
    if (this.#isTold || this.#same < most) return;
    this.#isTold = true;
    const detail = `the clock of its times has stopped: ${this.#same + 1} rows bear ${new Date(this.#timeMs).toISOString()}`;
    this.onHealth({ state: 'degraded', code: 'SOURCE_FORMAT', detail });
  }

  #move(timeMs: number): void {
    // A clock that is mended says nothing of how long its times may stand.
    if (this.#isTold) this.onHealth({ state: 'ok', code: 'OK', detail: 'the clock of its times goes on' });
    else if (!Number.isNaN(this.#timeMs)) this.#longest = Math.max(this.#longest, this.#same + 1);
    this.#isTold = false;
    this.#same = 0;
    this.#timeMs = timeMs;
  }
}
