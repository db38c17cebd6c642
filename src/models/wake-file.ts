import { basename, dirname, extname, resolve } from 'node:path';
import type { Calibration } from '../core/cascade/calibration.js';
import { CatnapError } from '../core/errors.js';
import { readJson, valueAt } from '../core/json.js';
import { calibrationBeside } from './calibration-file.js';
import { jsonAt } from './json-file.js';
import type { Network } from './model.js';
import { networkOf, readWeights, spellable, type Weights, weightsOf } from './weights.js';

/** Families of wake word models that other projects made. */
export type WakeFamily = 'openwakeword' | 'microwakeword';

/** A wake word of somebody else's: its file of weights, and what is told of it. */
export interface WakeFile {
  readonly family: WakeFamily;
  readonly network: Network;
  /** Label in events. */
  readonly name: string;
  /** As it is spelt in English; null where that is not known. */
  readonly phrase: string | null;
  /** The score that its makers hold for enough. */
  readonly cutoff: number;
  /** Scores whose mean is compared with it. */
  readonly meanOf: number;
  /** From one frame of features to the next. */
  readonly stepMs: number;
  /** From its scores to confidence, by the owner's recordings; null where nobody made one. */
  readonly calibration: Calibration | null;
}

/** openWakeWord's default (`wyoming-openwakeword --threshold`). */
const OPENWAKEWORD_CUTOFF = 0.5;

/** Types of manifests: ESPHome's and linux-voice-assistant's. */
const FAMILIES: Readonly<Record<string, WakeFamily>> = {
  micro: 'microwakeword',
  openWakeWord: 'openwakeword',
};

/** Which family a file belongs to, by its ending or what it says of itself; null for another. */
export function wakeFamilyOf(path: string): WakeFamily | null {
  switch (extname(path).toLowerCase()) {
    case '.onnx':
    case '.tflite':
      return 'openwakeword';
    case '.json':
      return familyOf(jsonAt(path));
    default:
      return null;
  }
}

/** What a manifest says that it is; null for other JSON. */
function familyOf(json: unknown): WakeFamily | null {
  const type = valueAt(json, ['type']);
  return typeof type === 'string' && Object.hasOwn(FAMILIES, type) ? (FAMILIES[type] ?? null) : null;
}

/**
 * Reads what stands beside the weights, and finds the weights; they are looked into by whoever loads them.
 * @throws CatnapError `MODEL_MISSING` for a file that cannot be read, `MODEL_CORRUPT` for a manifest that is none.
 */
export function readWakeFile(path: string): WakeFile {
  if (extname(path).toLowerCase() !== '.json') return bareHead(path);
  const json = readJson(
    readWeights(path, path).bytes.toString('utf8'),
    `model manifest ${path}`,
    'MODEL_CORRUPT',
  );
  const family = familyOf(json);
  if (family === null) throw corrupt(path, 'type', Object.keys(FAMILIES).join(' or '), 'another');
  const says = new Reader(path, json);
  const phrase = says.text(['wake_word']);
  const languages = valueAt(json, ['trained_languages']);
  const isEnglish = !Array.isArray(languages) || languages.includes('en');
  const name = phrase.trim().toLowerCase().replaceAll(/\s+/gu, '_');
  const weights = networkOf(resolve(dirname(path), says.text(['model'])), name, family === 'microwakeword');
  return {
    family,
    network: weights,
    name,
    phrase: isEnglish ? spellable(phrase) : null,
    ...(family === 'microwakeword' ? microTraits(says) : HEAD_TRAITS),
    calibration: calibrationBeside(weightsOf(weights), name),
  };
}

/** ESPHome's manifests (`components/micro_wake_word/__init__.py`); the first version is of 20 ms steps. */
function microTraits(says: Reader): Pick<WakeFile, 'cutoff' | 'meanOf' | 'stepMs'> {
  const isFirst = says.among(['version'], [1, 2]) === 1;
  return {
    cutoff: says.number(['micro', 'probability_cutoff'], 'from 0 to 1', (value) => value >= 0 && value <= 1),
    meanOf: says.number(
      ['micro', isFirst ? 'sliding_window_average_size' : 'sliding_window_size'],
      'that is whole and above 0',
      (value) => Number.isInteger(value) && value > 0,
    ),
    stepMs: isFirst ? 20 : says.among(['micro', 'feature_step_size'], [10, 20]),
  };
}

const HEAD_TRAITS = { cutoff: OPENWAKEWORD_CUTOFF, meanOf: 1, stepMs: 80 } as const;

/** Takes what a manifest has to say, or tells what was expected. */
class Reader {
  constructor(
    private readonly path: string,
    private readonly json: unknown,
  ) {}

  text(keys: readonly string[]): string {
    const found = valueAt(this.json, keys);
    if (typeof found === 'string' && found.trim() !== '') return found;
    throw this.#corrupt(keys, 'text', found);
  }

  number(keys: readonly string[], which: string, fits: (value: number) => boolean): number {
    const found = valueAt(this.json, keys);
    if (typeof found === 'number' && fits(found)) return found;
    throw this.#corrupt(keys, `a number ${which}`, found);
  }

  among(keys: readonly string[], known: readonly number[]): number {
    const found = valueAt(this.json, keys);
    if (typeof found === 'number' && known.includes(found)) return found;
    throw this.#corrupt(keys, known.join(' or '), found);
  }

  #corrupt(keys: readonly string[], expected: string, found: unknown): CatnapError {
    return corrupt(this.path, keys.join('.'), expected, JSON.stringify(found) ?? 'nothing');
  }
}

function corrupt(path: string, what: string, expected: string, found: string): CatnapError {
  return new CatnapError(
    'MODEL_CORRUPT',
    `model manifest ${path}: ${what}: expected ${expected}, found ${found}`,
  );
}

/** openWakeWord's heads come without a manifest: `hey_jarvis_v0.1.onnx` says what it listens for by its name. */
function bareHead(path: string): WakeFile {
  const name = basename(path, extname(path)).replace(/_v\d+(\.\d+)*$/u, '');
  const network = networkOf(path, name, false);
  return {
    family: 'openwakeword',
    network,
    name,
    phrase: spellable(name.replaceAll(/[_-]+/gu, ' ')),
    ...HEAD_TRAITS,
    calibration: calibrationBeside(weightsOf(network), name),
  };
}

/** The weights of a wake word, beside which its calibration stands. @throws CatnapError as {@link readWakeFile}. */
export function wakeWeights(path: string): Weights {
  return weightsOf(readWakeFile(path).network);
}
