import type { Contribution } from '../../core/cascade/stage.js';

const MOST_CHANNELS = 8;
const LEAST_SHARE = 0.01;

/**
 * Each channel's part in a deviation: its features' squared deviations over all of them (the contribution plot of
 * Miller, Swanson and Heckler, "Contribution plots: a missing link in multivariate quality control", Appl. Math.
 * Comput. Sci. 8, 1998). Largest first; shares sum to 1.
 *
 * @param deviations One a feature.
 * @param channelOf Index of the channel each feature describes.
 * @param titles What each feature is called: then the one that strayed most is named with its channel; null of one that
 * is the channel itself.
 */
export function contributionsOf(
  deviations: ArrayLike<number>,
  channelOf: readonly number[],
  channels: readonly string[],
  titles: readonly (string | null)[] | null = null,
): readonly Contribution[] {
  const squares = new Float64Array(channels.length);
  const worst = new Int32Array(channels.length).fill(-1);
  let total = 0;
  channelOf.forEach((channel, feature) => {
    const square = (deviations[feature] as number) ** 2;
    squares[channel] = (squares[channel] as number) + square;
    total += square;
    const before = worst[channel] as number;
    if (before < 0 || square > (deviations[before] as number) ** 2) worst[channel] = feature;
  });
  if (!(total > 0)) return [];
  const largest = channels
    .map((channel, index) => {
      const feature = titles?.[worst[index] as number] ?? null;
      return { channel, share: (squares[index] as number) / total, ...(feature === null ? {} : { feature }) };
    })
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_CHANNELS)
    .filter(({ share }) => share >= LEAST_SHARE);
  const named = largest.reduce((sum, { share }) => sum + share, 0);
  return largest.map((part) => ({ ...part, share: part.share / named }));
}
