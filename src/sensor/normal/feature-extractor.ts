/** Turns samples into rows of features. */
export interface FeatureExtractor {
  /** Name of each feature of a row, `channel` or `channel.feature`. */
  readonly names: readonly string[];
  /** Index of the channel each feature describes. */
  readonly channelOf: readonly number[];
  /** The newest row; overwritten by the next. */
  readonly row: Float64Array;
  /** Takes one sample of every channel, at `data[offset]` and after it; true when it completed a row. */
  push(data: ArrayLike<number>, offset: number): boolean;
  /** Forgets an unfinished row. */
  reset(): void;
}
