import type { Contribution } from '../core/stage.js';

const MOST_CHANNELS = 8;
const LEAST_SHARE = 0.01;

/**
 * Each channel's part in a deviation: its features' squared deviations over all of them (the contribution plot of
 * Miller, Swanson and Heckler, "Contribution plots: a missing link in multivariate quality control", Appl. Math.
 * Comput. Sci. 8, 1998). Largest first; shares sum to 1.
 *
 * @param deviations One a feature.
 * @param channelOf Index of the channel each feature describes.
 */
export function contributionsOf(
  deviations: ArrayLike<number>,
  channelOf: readonly number[],
  channels: readonly string[],
): readonly Contribution[] {
  const squares = new Float64Array(channels.length);
  let total = 0;
  channelOf.forEach((channel, feature) => {
    const square = (deviations[feature] as number) ** 2;
    squares[channel] = (squares[channel] as number) + square;
    total += square;
  });
  if (!(total > 0)) return [];
  const largest = channels
    .map((channel, index) => ({ channel, share: (squares[index] as number) / total }))
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_CHANNELS)
    .filter(({ share }) => share >= LEAST_SHARE);
  const named = largest.reduce((sum, { share }) => sum + share, 0);
  return largest.map(({ channel, share }) => ({ channel, share: share / named }));
}
