import { Listener } from './listener.js';
import { TINY_ONLY } from './overhead.js';

/** Resident memory while hours of signal go through a cascade whose heavy stage sleeps. */
export interface MemoryFigures {
  readonly afterTenMinutesMb: number;
  readonly atTheEndMb: number;
  readonly simulatedHours: number;
  /** Least-squares slope after the first ten minutes. */
  readonly slopeMbPerHour: number;
}

const RATE_HZ = 16_000;
const SAMPLE_EVERY_S = 60;

/** Plays samples over and over as fast as it goes, until `hours` of signal were heard. */
export async function measureMemory(samples: Float32Array, hours: number): Promise<MemoryFigures> {
  const listener = await Listener.open(TINY_ONLY);
  const readings: { readonly hour: number; readonly mb: number }[] = [];
  let heardSeconds = 0;
  while (heardSeconds < hours * 3600) {
    await listener.hear(samples);
    heardSeconds += samples.length / RATE_HZ;
    if (heardSeconds < (readings.length + 1) * SAMPLE_EVERY_S) continue;
    readings.push({ hour: heardSeconds / 3600, mb: process.memoryUsage.rss() / 1e6 });
  }
  await listener.close();
  const settled = readings.filter(({ hour }) => hour >= 1 / 6);
  return {
    afterTenMinutesMb: settled[0]?.mb ?? 0,
    atTheEndMb: readings.at(-1)?.mb ?? 0,
    simulatedHours: hours,
    slopeMbPerHour: slope(settled),
  };
}

function slope(points: readonly { readonly hour: number; readonly mb: number }[]): number {
  const mean = (pick: (point: { readonly hour: number; readonly mb: number }) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / Math.max(1, points.length);
  const hour = mean((point) => point.hour);
  const mb = mean((point) => point.mb);
  const spread = points.reduce((sum, point) => sum + (point.hour - hour) ** 2, 0);
  const along = points.reduce((sum, point) => sum + (point.hour - hour) * (point.mb - mb), 0);
  return spread === 0 ? 0 : along / spread;
}
