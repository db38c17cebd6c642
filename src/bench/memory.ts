import type { Interval } from '../core/intervals.js';

/** Resident memory of the whole program while hours of signal go through it, heavy asleep. */
export interface MemoryFigures {
  readonly afterTenMinutesMb: number;
  readonly afterAnHourMb: number;
  readonly atTheEndMb: number;
  readonly simulatedHours: number;
  /** Least-squares slope after the first tenth. */
  readonly slopeMbPerHour: number;
  /** Of the slope. Flat is an interval around 0. */
  readonly slopeInterval: Interval;
}

interface Reading {
  readonly hour: number;
  readonly mb: number;
}

const EVERY_HOURS = 1 / 60;
/** Means of so many stretches: neighbouring readings depend on each other, and would make the slope look surer. */
const STRETCHES = 12;
/** Two-sided 95% of Student's t with {@link STRETCHES} - 2 degrees of freedom. */
const T = 2.228;

/** Keeps one reading a simulated minute, in memory that is taken once: it is part of what is measured. */
export class MemoryReadings {
  readonly #hours: Float64Array;
  readonly #mb: Float64Array;
  #taken = 0;

  /** @param hours simulated hours there will be readings of */
  constructor(hours: number) {
    const readings = Math.ceil(hours / EVERY_HOURS) + 1;
    this.#hours = new Float64Array(readings);
    this.#mb = new Float64Array(readings);
  }

  /** Takes a reading at a simulated hour, unless there is one of that minute. */
  take(hour: number, mb: number): void {
    const last = this.#hours[this.#taken - 1] ?? Number.NEGATIVE_INFINITY;
    if (hour - last < EVERY_HOURS) return;
    this.#hours[this.#taken] = hour;
    this.#mb[this.#taken] = mb;
    this.#taken += 1;
  }

  figures(): MemoryFigures {
    const readings: readonly Reading[] = Array.from(this.#hours.subarray(0, this.#taken), (hour, i) => ({
      hour,
      mb: this.#mb[i] as number,
    }));
    const simulatedHours = readings.at(-1)?.hour ?? 0;
    const around = (hour: number) => readings.find((reading) => reading.hour >= hour)?.mb;
    const atTheEndMb = readings.at(-1)?.mb ?? Number.NaN;
    const { slope, interval } = trend(readings.filter(({ hour }) => hour >= simulatedHours / 10));
    return {
      afterTenMinutesMb: around(1 / 6) ?? atTheEndMb,
      afterAnHourMb: around(1) ?? atTheEndMb,
      atTheEndMb,
      simulatedHours,
      slopeMbPerHour: slope,
      slopeInterval: interval,
    };
  }
}

/** Least squares over the means of equal stretches, with the interval of its slope. */
function trend(readings: readonly Reading[]): { readonly slope: number; readonly interval: Interval } {
  const each = readings.length / STRETCHES;
  const points = Array.from({ length: STRETCHES }, (_, i) =>
    meanOf(readings.slice(Math.floor(i * each), Math.floor((i + 1) * each))),
  );
  const centre = meanOf(points);
  const sum = (of: (point: Reading) => number) => points.reduce((total, point) => total + of(point), 0);
  const spread = sum(({ hour }) => (hour - centre.hour) ** 2);
  const slope = sum(({ hour, mb }) => (hour - centre.hour) * (mb - centre.mb)) / spread;
  const rest = sum(({ hour, mb }) => (mb - centre.mb - slope * (hour - centre.hour)) ** 2);
  const half = T * Math.sqrt(rest / (STRETCHES - 2) / spread);
  return { slope, interval: { low: slope - half, high: slope + half } };
}

function meanOf(readings: readonly Reading[]): Reading {
  const mean = (of: (reading: Reading) => number) =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / readings.length;
  return { hour: mean(({ hour }) => hour), mb: mean(({ mb }) => mb) };
}
