import { existsSync, renameSync, writeFileSync } from 'node:fs';
import type { Calibration } from '../core/cascade/calibration.js';
import { CatnapError } from '../core/errors.js';
import { readJson, valueAt } from '../core/json.js';
import { readWeights, type Weights } from './weights.js';

/** What a calibration was made of: which of a model's words, and of how many recordings. */
export interface CalibrationBasis {
  readonly word: string;
  readonly clips: number;
  readonly otherSeconds: number;
}

const besideOf = ({ path }: Weights): string => `${path}.calibration.json`;

/**
 * The calibration that stands beside a file of weights, for a word that it knows; null where nobody made one of it.
 * @throws CatnapError `MODEL_CORRUPT` for one of other weights, or that is none.
 */
export function calibrationBeside(weights: Weights, word: string): Calibration | null {
  const beside = besideOf(weights);
  if (!existsSync(beside)) return null;
  const text = readWeights(beside, beside).bytes.toString('utf8');
  const json = readJson(text, `calibration ${beside}`, 'MODEL_CORRUPT');
  const [x, y] = [valueAt(json, ['calibration', 'x']), valueAt(json, ['calibration', 'y'])];
  if (valueAt(json, ['sha256']) !== weights.sha256)
    throw new CatnapError(
      'MODEL_CORRUPT',
      `calibration ${beside}: expected one of the model with sha256 ${weights.sha256}, found one of another; make it again or delete it`,
    );
  if (!areNumbers(x) || !areNumbers(y))
    throw new CatnapError(
      'MODEL_CORRUPT',
      `calibration ${beside}: expected scores x and confidences y, found others`,
    );
  const made = valueAt(json, ['from', 'word']) ?? word;
  return made === word ? { kind: 'isotonic', x, y } : null;
}

function areNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(Number.isFinite);
}

/**
 * Writes a calibration beside a file of weights, as a whole.
 * @returns its path.
 */
export function writeCalibration(weights: Weights, calibration: Calibration, from: CalibrationBasis): string {
  const beside = besideOf(weights);
  const { sha256 } = weights;
  writeFileSync(
    `${beside}.partial`,
    `${JSON.stringify({ schema: 1, sha256, calibration, from }, null, 2)}\n`,
  );
  renameSync(`${beside}.partial`, beside);
  return beside;
}
