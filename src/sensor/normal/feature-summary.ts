import type { Window } from '../../core/cascade/stage.js';
import { contributionsOf } from './explain.js';
import { createFeatures, rowsIn } from './features.js';
import type { SignalShape } from './state.js';
import { type SensorSummary, type SummaryContext, summariseWindow } from './summary.js';

/**
 * Describes a window of a fast signal by its features: of its samples neither the middle nor the ends say much.
 * @param titles what each feature is called
 * @param deviations how far each feature strays
 */
export function summariseFeatures(
  window: Window,
  { channels, features }: SignalShape,
  titles: readonly string[],
  deviations: ArrayLike<number>,
  { normals, plotWidth }: Pick<SummaryContext, 'normals' | 'plotWidth'>,
): SensorSummary {
  const names = channels.map(({ name }) => name);
  const extractor = createFeatures(features, names);
  const named = titles.map((title, f) => ({
    name: `${names[extractor.channelOf[f] as number]} ${title}`,
    unit: '',
  }));
  const contributions = contributionsOf(
    deviations,
    named.map((_, f) => f),
    named.map(({ name }) => name),
  );
  const rateHz = window.rateHz / features.rowSamples;
  return summariseWindow(
    { ...window, rateHz, channels: named.length, data: Float32Array.from(rowsIn(window, extractor)) },
    { channels: named, normals, contributions, plotWidth },
  );
}
