/** Phases of a period that are told apart, at most. */
const MOST_PHASES = 336;
/** Periods that are remembered. */
const MEMORY_PERIODS = 6;
/** A value counts as this many typical deviations from its phase at most: a holiday does not become the rule. */
const MOST_DEVIATIONS = 4;

/**
 * Where rows stand in a period, in phases that are told apart. All channels of a signal share it, so that a row is
 * placed once.
 */
export class Phases {
  readonly count: number;
  readonly rowsPerPhase: number;
  #row = Number.NaN;
  #phase = 0;

  constructor(
    readonly periodRows: number,
    mostPhases = MOST_PHASES,
  ) {
    this.count = Math.max(1, Math.min(mostPhases, Math.round(periodRows)));
    this.rowsPerPhase = Math.max(1, periodRows / this.count);
  }

  /** The phase of a row, with how far it is in it as a fraction. */
  of(row: number): number {
    if (row !== this.#row) {
      this.#row = row;
      const phase = ((row % this.periodRows) / this.periodRows) * this.count;
      this.#phase = Math.min(this.count - 1e-9, phase);
    }
    return this.#phase;
  }
}

/** What a {@link Course} knows: one value a phase of the period each. */
export interface CourseState {
  readonly error: number;
  readonly judged: number;
  readonly level: readonly number[];
  readonly deviation: readonly number[];
  readonly seen: readonly number[];
}

/**
 * What a channel does at each phase of a period, learnt as it comes: an exponentially forgetting mean and mean
 * absolute deviation of each phase, and between the middles of phases a straight line.
 */
export class Course {
  /** Mean absolute error of what was expected, lately. */
  error = 0;
  readonly #phases: Phases;
  readonly #level: Float32Array;
  readonly #deviation: Float32Array;
  readonly #seen: Float32Array;
  readonly #rowsPerPhase: number;
  #judged = 0;

  constructor(
    phases: Phases,
    readonly errorRows: number,
  ) {
    this.#phases = phases;
    this.#rowsPerPhase = phases.rowsPerPhase;
    this.#level = new Float32Array(phases.count);
    this.#deviation = new Float32Array(phases.count);
    this.#seen = new Float32Array(phases.count);
  }

  /** What is known, to go on with after a restart. */
  get state(): CourseState {
    const { error } = this;
    return {
      error,
      judged: this.#judged,
      level: written(this.#level),
      deviation: written(this.#deviation),
      seen: written(this.#seen),
    };
  }

  /** Goes on with what was known; of another number of phases nothing is. */
  restore({ error, judged, level, deviation, seen }: CourseState): void {
    if (level.length !== this.#phases.count) return;
    this.error = error;
    this.#judged = judged;
    this.#level.set(level);
    this.#deviation.set(deviation);
    this.#seen.set(seen);
  }

  /** What is expected at a row, before it is seen; NaN while its phase was never seen. */
  expect(row: number): number {
    const at = this.#phases.of(row);
    const phase = Math.floor(at);
    if (this.#rowsPerPhase === 1)
      return this.#seen[phase] === 0 ? Number.NaN : (this.#level[phase] as number);
    const off = at - phase - 0.5;
    const other = (phase + (off > 0 ? 1 : this.#phases.count - 1)) % this.#phases.count;
    if (this.#seen[phase] === 0 || this.#seen[other] === 0) return Number.NaN;
    const level = this.#level[phase] as number;
    return level + ((this.#level[other] as number) - level) * Math.abs(off);
  }

  /** Takes in the value of a row, and how wrong the expectation was. */
  push(row: number, value: number, expected: number): void {
    if (Number.isFinite(expected)) {
      this.#judged = Math.min(this.#judged + 1, this.errorRows);
      this.error += (Math.abs(value - expected) - this.error) / this.#judged;
    }
    const phase = Math.floor(this.#phases.of(row));
    const seen = (this.#seen[phase] as number) + 1;
    this.#seen[phase] = seen;
    const least = 1 / (MEMORY_PERIODS * this.#rowsPerPhase);
    const deviation = this.#deviation[phase] as number;
    const most =
      seen > 2 * this.#rowsPerPhase && deviation > 0 ? MOST_DEVIATIONS * deviation : Number.POSITIVE_INFINITY;
    const off = Math.max(-most, Math.min(most, value - (this.#level[phase] as number)));
    this.#level[phase] = (this.#level[phase] as number) + off * Math.max(1 / seen, least);
    if (seen <= this.#rowsPerPhase) return;
    const gain = Math.max(1 / (seen - this.#rowsPerPhase), least);
    this.#deviation[phase] = deviation + (Math.abs(off) - deviation) * gain;
  }
}

/** As many digits as a 32-bit number has. */
function written(values: Float32Array): readonly number[] {
  return Array.from(values, (value) => Number(value.toPrecision(7)));
}
