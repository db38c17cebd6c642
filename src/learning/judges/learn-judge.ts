import { sigmoid } from '../../core/cascade/calibration.js';
import type { LearntJudge } from './learnt-judge.js';

/** A look that was right or not. */
export interface LookExample {
  /** In the order of the names of what is learnt. */
  readonly features: Float64Array;
  readonly isRight: boolean;
}

/** Of the squared weights: a handful of looks must not outweigh all others. */
const PENALTY = 0.01;
const STEPS = 3000;
const STEP = 0.3;

/**
 * Learns how sure to be of a look by figures of such names: logistic regression with squared weights penalised (le
 * Cessie and van Houwelingen, 1992), by gradient descent on standardised figures: of so few it takes no more than
 * moments.
 */
export function learnJudge(examples: readonly LookExample[], names: readonly string[]): LearntJudge {
  const count = Math.max(1, examples.length);
  const scales = names.map((_, at) => {
    const values = examples.map(({ features }) => features[at] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
    return { mean, spread: spread > 1e-9 ? spread : 1 };
  });
  const rows = examples.map(({ features }) =>
    scales.map(({ mean, spread }, at) => ((features[at] ?? 0) - mean) / spread),
  );
  const weights = new Float64Array(names.length);
  let intercept = 0;
  for (let step = 0; step < STEPS; step++) {
    const gradient = new Float64Array(weights.length);
    let whole = 0;
    rows.forEach((row, r) => {
      const said = sigmoid(row.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), intercept));
      const off = said - Number(examples[r]?.isRight === true);
      whole += off;
      row.forEach((value, at) => {
        gradient[at] = (gradient[at] ?? 0) + off * value;
      });
    });
    intercept -= (STEP * whole) / count;
    for (let at = 0; at < weights.length; at++) {
      const weight = weights[at] ?? 0;
      weights[at] = weight - STEP * ((gradient[at] ?? 0) / count + PENALTY * weight);
    }
  }
  const figures = scales.map(({ mean, spread }, at) => [mean, spread, weights[at] ?? 0] as const);
  return { version: 1, names, figures, intercept };
}
