import type { Calibration } from '../../../core/cascade/calibration.js';
import { CatnapError } from '../../../core/errors.js';
import { lowestOf, type Thresholds, type ThresholdsAsked, thresholdsOf } from '../../../core/thresholds.js';
import type { Network } from '../../../models/model.js';
import { readWakeFile, type WakeFamily, type WakeFile } from '../../../models/wake-file.js';
import { labelOf } from '../../words/labels.js';
import { HALF, type SpokenWord, type VoiceStageRequest } from '../stage-kind.js';
import { type ForeignModel, type ForeignSettings, modelsOf } from './settings.js';

/** A word that a model of somebody else's listens for; plain data. */
export interface ForeignWord {
  /** Label in events. */
  readonly label: string;
  readonly network: Network;
  readonly thresholds: Thresholds;
  readonly calibration: Calibration;
  /** Scores whose mean is judged. */
  readonly meanOf: number;
  readonly stepMs: number;
}

/** The words of a stage, and how those are said that can be spelt. */
export interface ForeignWords {
  readonly words: readonly ForeignWord[];
  readonly spoken: readonly SpokenWord[];
  /** The lowest over the words, to draw beside a score. */
  readonly thresholds: Thresholds;
}

/**
 * Reads the models of a setting that are asked for.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `MODEL_SHAPE` for one of another family; `CONFIG_INVALID`
 * for a word that none listens for, or two that bear one name.
 */
export function foreignWords(settings: ForeignSettings, request: VoiceStageRequest): ForeignWords {
  const found = modelsOf(settings).map((setting) => foreignWord(settings.kind, setting, request));
  const labels = found.map(({ word }) => word.label);
  const twice = labels.find((label, i) => labels.indexOf(label) < i);
  if (twice !== undefined)
    throw new CatnapError(
      'CONFIG_INVALID',
      `model ${settings.kind}: expected each word once, found "${twice}" again; give one of them a name`,
    );
  const wanted = request.words?.map((word) => labelOf(word, labels) ?? refuse(settings.kind, word, labels));
  const chosen = found.filter(({ word }) => wanted?.includes(word.label) ?? true);
  return {
    words: chosen.map(({ word }) => word),
    spoken: chosen.flatMap(({ spoken }) => (spoken === null ? [] : [spoken])),
    thresholds: lowestOf(chosen.map(({ word }) => word.thresholds)),
  };
}

function refuse(kind: string, word: string, labels: readonly string[]): never {
  throw new CatnapError(
    'CONFIG_INVALID',
    `model ${kind}: expected words among ${labels.join(', ')}, found "${word}"`,
  );
}

function foreignWord(
  kind: WakeFamily,
  { model, name, say, ipa }: ForeignModel,
  asked: ThresholdsAsked,
): { readonly word: ForeignWord; readonly spoken: SpokenWord | null } {
  const file = readWakeFile(model);
  if (file.family !== kind)
    throw new CatnapError(
      'MODEL_SHAPE',
      `model ${model}: expected one of ${kind}, found one of ${file.family}`,
    );
  const label = name ?? file.name;
  const { network, meanOf, stepMs } = file;
  const phrase = say === undefined ? file.phrase : say;
  return {
    word: {
      label,
      network,
      thresholds: thresholdsOf(label, asked, cutOf(file)),
      calibration: file.calibration ?? { kind: 'none' },
      meanOf,
      stepMs,
    },
    spoken:
      phrase === null ? null : { say: phrase, name: label, ...(ipa === undefined ? {} : { ipa: [...ipa] }) },
  };
}

/** Where its makers draw the line. A mean of 8-bit scores is to exceed it: a step finer than there are is added. */
function cutOf({ family, cutoff, meanOf, calibration }: WakeFile): Thresholds {
  if (calibration !== null) return HALF;
  const cut = family === 'microwakeword' ? Math.min(1, cutoff + 1 / (512 * meanOf)) : cutoff;
  return { accept: cut, reject: cut };
}
