/** Clocks change at quarters of an hour of UTC. */
const STEP_MS = 900_000;
const DAY_MS = 86_400_000;

/** By how much the clocks of a place are ahead of UTC. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;
  /** The offset of the quarter of an hour before this time. */
  #offsetMs = 0;
  #untilMs = Number.NEGATIVE_INFINITY;

  /** @param name IANA name, as Europe/Berlin. */
  constructor(name: string) {
    this.#format = formatOf(name);
  }

  /** Milliseconds at a time in milliseconds since the epoch. */
  offsetAt(utcMs: number): number {
    if (utcMs >= this.#untilMs || utcMs < this.#untilMs - STEP_MS) {
      const stepMs = Math.floor(utcMs / STEP_MS) * STEP_MS;
      this.#offsetMs = offsetOf(this.#format, stepMs);
      this.#untilMs = stepMs + STEP_MS;
    }
    return this.#offsetMs;
  }
}

/**
 * The instants of local times that come in order: what the clocks show twice in autumn is the later one once the
 * earlier one has been, and what they skip in spring is taken as if they had not changed yet.
 */
export class LocalTimes {
  readonly #zone: TimeZone;
  /** The offsets that the local quarter of an hour from this time on has, the larger first. */
  #stepMs = Number.NaN;
  #offsets: readonly [number, number] = [0, 0];
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param timeZone IANA name, as Europe/Berlin. */
  constructor(readonly timeZone: string) {
    this.#zone = new TimeZone(timeZone);
  }

  /** Milliseconds since the epoch of a local time in milliseconds as if it were UTC. */
  utcOf(localMs: number): number {
    if (Number.isNaN(localMs)) return localMs;
    const stepMs = Math.floor(localMs / STEP_MS) * STEP_MS;
    if (stepMs !== this.#stepMs) {
      this.#stepMs = stepMs;
      this.#offsets = this.#offsetsAt(stepMs);
    }
    const [larger, smaller] = this.#offsets;
    const earlier = localMs - larger;
    this.#lastMs = earlier < this.#lastMs ? localMs - smaller : earlier;
    return this.#lastMs;
  }

  #offsetsAt(localMs: number): readonly [number, number] {
    const before = this.#zone.offsetAt(localMs - DAY_MS);
    const after = this.#zone.offsetAt(localMs + DAY_MS);
    const isBefore = this.#zone.offsetAt(localMs - before) === before;
    const isAfter = this.#zone.offsetAt(localMs - after) === after;
    if (isBefore && isAfter) return [Math.max(before, after), Math.min(before, after)];
    return isAfter ? [after, after] : [before, before];
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
