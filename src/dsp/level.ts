/** Which levels a model knows, as root mean square of the loudest 20 ms or so, dB re full scale. */
export interface LevelRange {
  readonly leastDb: number;
  readonly mostDb: number;
  /** What is quieter is raised by no more than this. */
  readonly mostGainDb: number;
}

/** What brings a sound whose loudest part is at `levelDb` into the range a model knows, dB; 0 inside of it. */
export function gainIntoDb(range: LevelRange, levelDb: number): number {
  if (levelDb < range.leastDb) return Math.min(range.mostGainDb, range.leastDb - levelDb);
  return Math.min(0, range.mostDb - levelDb);
}
