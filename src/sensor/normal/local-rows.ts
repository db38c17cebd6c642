/** Clocks change at quarters of an hour of UTC. */
const STEP_MS = 900_000;

/**
 * Where rows stand in the days and weeks of the place where a signal comes from: counted from the epoch in local time,
 * so that midnight stays midnight over a restart and over a change of the clocks.
 */
export class LocalRows {
  readonly #startMs: number | undefined;
  readonly #rowMs: number;
  readonly #zone: Intl.DateTimeFormat | null;
  /** The offset of the quarter of an hour before this time. */
  #offsetMs = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  /**
   * @param startMs milliseconds since the epoch at which row 0 began; undefined: nobody knows.
   * @param timeZone IANA name; null: the clocks of the signal never change.
   */
  constructor(startMs: number | undefined, rowMs: number, timeZone: string | null) {
    this.#startMs = startMs;
    this.#rowMs = rowMs;
    this.#zone = timeZone === null ? null : formatOf(timeZone);
  }

  /** The row that a row of the signal is of all those since the epoch; the row itself where nobody knows. */
  rowOf(at: number): number {
    if (this.#startMs === undefined) return at;
    const wallMs = this.#startMs + at * this.#rowMs;
    return Math.round((wallMs + this.#offsetAt(wallMs)) / this.#rowMs);
  }

  /** Milliseconds since the epoch at which a row of the signal begins; null where nobody knows. */
  msOf(at: number): number | null {
    return this.#startMs === undefined ? null : this.#startMs + at * this.#rowMs;
  }

  #offsetAt(wallMs: number): number {
    if (this.#zone === null) return 0;
    if (wallMs >= this.#untilMs || wallMs < this.#untilMs - STEP_MS) {
      const stepMs = Math.floor(wallMs / STEP_MS) * STEP_MS;
      this.#offsetMs = offsetOf(this.#zone, stepMs);
      this.#untilMs = stepMs + STEP_MS;
    }
    return this.#offsetMs;
  }
}

/** Whether a text is the name of a time zone. */
export function isTimeZone(text: string): boolean {
  try {
    formatOf(text);
    return true;
  } catch {
    return false;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
}

/** By how much local time is ahead of UTC. */
function offsetOf(zone: Intl.DateTimeFormat, wallMs: number): number {
  const parts = Object.fromEntries(
    zone.formatToParts(wallMs).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute) - wallMs;
}
