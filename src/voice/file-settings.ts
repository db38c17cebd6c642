import { existsSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { valueAt } from '../core/json.js';
import { jsonAt } from '../models/json-file.js';
import type { KindSettings } from '../models/kind.js';
import { wakeFamilyOf, wakeWeights } from '../models/wake-file.js';
import { readWeights, type Weights } from '../models/weights.js';
import { recipeOf } from './stages/classifier/recipes.js';

/** What a file of somebody else's is asked as: settings of its kind, as they could stand in a configuration. */
export type FileSettings = KindSettings & { readonly [setting: string]: unknown };

/** The settings of the kind that a file is of, by its name and what it says of itself; null for another file. */
export function fileSettings(path: string): FileSettings | null {
  const ending = extname(path).toLowerCase();
  if (ending === '.eim') return { kind: 'edge-impulse', model: path };
  const isWeights = ending === '.onnx' || ending === '.tflite';
  if (isWeights && existsSync(path) && recipeOf(readWeights(path, path).sha256) !== null)
    return { kind: 'classifier', model: path };
  if (ending === '.json') {
    const json = jsonAt(path);
    if (typeof json === 'object' && json !== null && valueAt(json, ['type']) === 'classifier') {
      const { type: _, model, ...settings } = json as Record<string, unknown>;
      return { ...settings, kind: 'classifier', model: resolve(dirname(path), String(model)) };
    }
  }
  const family = wakeFamilyOf(path);
  return family === null ? null : { kind: family, models: [path] };
}

/**
 * The weights that such a file is, or names: a calibration stands beside them.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`.
 */
export function weightsBehind(path: string, { kind, model }: FileSettings): Weights {
  if (kind === 'openwakeword' || kind === 'microwakeword') return wakeWeights(path);
  return readWeights(String(model), path);
}
