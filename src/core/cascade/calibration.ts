import { CatnapError } from '../errors.js';

/** How a model's raw score becomes a confidence, as it stands in a model's manifest. */
export type Calibration =
  | { readonly kind: 'none' }
  /** `sigmoid(logit(score) / temperature)`: Guo et al., "On Calibration of Modern Neural Networks" (2017). */
  | { readonly kind: 'temperature'; readonly temperature: number }
  /**
   * Piecewise linear from score `x` to confidence `y`, flat beyond the ends: an isotonic fit (Zadrozny and
   * Elkan, 2002).
   */
  | { readonly kind: 'isotonic'; readonly x: readonly number[]; readonly y: readonly number[] };

/** Maps a raw score to a confidence between 0 and 1; NaN stays NaN. */
export type Calibrate = (score: number) => number;

/** Keeps the logit of a saturated score finite. */
const EDGE = 1e-7;

/** `ln(p / (1 - p))`, finite also for a score of 0 or 1; NaN for a score that is no finite number. */
export function logit(score: number): number {
  if (!Number.isFinite(score)) return Number.NaN;
  const inside = Math.min(1 - EDGE, Math.max(EDGE, score));
  return Math.log(inside / (1 - inside));
}

/** The score that has this logit. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * Makes the mapping.
 * @throws CatnapError `MODEL_SHAPE` when the parameters make no monotone mapping.
 */
export function calibrator(calibration: Calibration): Calibrate {
  switch (calibration.kind) {
    case 'none':
      return clampToUnit;
    case 'temperature': {
      const { temperature } = calibration;
      if (!(temperature > 0)) {
        throw new CatnapError(
          'MODEL_SHAPE',
          `calibration: temperature must be above 0, found ${temperature}`,
        );
      }
      return (score) => sigmoid(logit(score) / temperature);
    }
    case 'isotonic':
      return isotonic(calibration.x, calibration.y);
  }
}

function clampToUnit(score: number): number {
  return Math.min(1, Math.max(0, score));
}

function isotonic(scores: readonly number[], confidences: readonly number[]): Calibrate {
  const rising = scores.every((score, i) => i === 0 || score > (scores[i - 1] as number));
  const monotone = confidences.every((value, i) => i === 0 || value >= (confidences[i - 1] as number));
  if (scores.length === 0 || scores.length !== confidences.length || !rising || !monotone) {
    throw new CatnapError(
      'MODEL_SHAPE',
      `calibration: isotonic points must be as many rising scores as non-falling confidences, found ${scores.length} and ${confidences.length}`,
    );
  }
  const last = scores.length - 1;
  return (score) => {
    if (!(score > (scores[0] as number))) return Number.isNaN(score) ? score : (confidences[0] as number);
    if (score >= (scores[last] as number)) return confidences[last] as number;
    let upper = 1;
    while ((scores[upper] as number) < score) upper += 1;
    const x0 = scores[upper - 1] as number;
    const x1 = scores[upper] as number;
    const y0 = confidences[upper - 1] as number;
    const y1 = confidences[upper] as number;
    return y0 + ((y1 - y0) * (score - x0)) / (x1 - x0);
  };
}
