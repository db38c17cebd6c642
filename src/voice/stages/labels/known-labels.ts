import type { Calibration } from '../../../core/cascade/calibration.js';
import { CatnapError } from '../../../core/errors.js';
import type { Zod } from '../../../core/kind.js';
import { lowestOf, type Thresholds, thresholdsOf } from '../../../core/thresholds.js';
import { calibrationBeside } from '../../../models/calibration-file.js';
import { spellable, type Weights } from '../../../models/weights.js';
import { labelOf } from '../../words/labels.js';
import { HALF, type SpokenWord, type VoiceStageRequest } from '../stage-kind.js';

/** What a configuration says of the labels of a classifier. */
export interface LabelSettings {
  readonly words?: readonly string[] | undefined;
  /** As its words are spelt, for the verifier; null: it is not verified. */
  readonly say: Readonly<Record<string, string | null>>;
}

/** The fields of {@link LabelSettings}. */
export const labelFields = (z: Zod) => ({
  words: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Labels that are words; omitted, all but silence, noise, unknown and their like.'),
  say: z
    .record(z.string(), z.string().regex(/\p{L}/u, 'a word or phrase in letters').nullable())
    .default({})
    .describe('By label: the word as it is spelt, for the verifier; null: it is not verified.'),
});

/** Labels of what is no word, as those who train classifiers call it. */
const NO_WORD =
  /^_?(silence|silent|noise|background|background_noise|unknown|other|others|uncertain|negative|none)_?$/iu;

/** Those of the labels that are words. */
export function wordLabels(labels: readonly string[], { words }: LabelSettings): readonly string[] {
  return words ?? labels.filter((label) => !NO_WORD.test(label));
}

/** A label that is listened for; plain data. */
export interface KnownLabel {
  readonly label: string;
  /** Of its score among those of the model. */
  readonly index: number;
  readonly thresholds: Thresholds;
  readonly calibration: Calibration;
}

/** The labels of a stage, and how those are said that can be spelt. */
export interface KnownLabels {
  readonly words: readonly KnownLabel[];
  readonly spoken: readonly SpokenWord[];
  /** The lowest over the words, to draw beside a score. */
  readonly thresholds: Thresholds;
}

/** What is known of a classifier. */
export interface Labelled {
  /** Name of the model, for messages. */
  readonly model: string;
  readonly labels: readonly string[];
  readonly weights: Weights;
  /** Of a score that nobody calibrated. */
  readonly calibration: Calibration;
}

/**
 * Which labels of a model are listened for, and what each is held to.
 * @throws CatnapError `CONFIG_INVALID` for a word that is none of its labels, or where none is left; `MODEL_CORRUPT`
 * for a calibration that is none.
 */
export function knownLabels(
  { model, labels, weights, calibration }: Labelled,
  settings: LabelSettings,
  request: VoiceStageRequest,
): KnownLabels {
  const refuse = (found: string): never => {
    throw new CatnapError(
      'CONFIG_INVALID',
      `model ${model}: expected words among ${labels.join(', ')}, found ${found}`,
    );
  };
  const asked = request.words ?? wordLabels(labels, settings);
  if (asked.length === 0) refuse('none');
  const words = asked.map((word): KnownLabel => {
    const label = labelOf(word, labels) ?? refuse(`"${word}"`);
    return {
      label,
      index: labels.indexOf(label),
      thresholds: thresholdsOf(label, request, HALF),
      calibration: calibrationBeside(weights, label) ?? calibration,
    };
  });
  return {
    words,
    spoken: words.flatMap(({ label }) => {
      const say = Object.hasOwn(settings.say, label)
        ? settings.say[label]
        : spellable(label.replaceAll(/[_-]+/gu, ' '));
      return say === null || say === undefined ? [] : [{ say, name: label }];
    }),
    thresholds: lowestOf(words.map(({ thresholds }) => thresholds)),
  };
}
