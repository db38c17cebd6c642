import { type Calibrate, calibrator } from '../../core/cascade/calibration.js';
import type { Decision, Judgement } from '../../core/cascade/stage.js';
import { CatnapError } from '../../core/errors.js';
import { judge, type Thresholds, type ThresholdsAsked, thresholdsOf } from '../../core/thresholds.js';
import type { Model } from '../../models/manifest.js';

interface Class {
  readonly index: number;
  readonly label: string;
  readonly thresholds: Thresholds;
}

type MutableJudgement = { -readonly [K in keyof Judgement]: Judgement[K] };

/** What a model without thresholds for a label is held to. */
const HALF: Thresholds = { accept: 0.5, reject: 0.5 };

const RANK = { accept: 2, uncertain: 1, reject: 0 } as const;

/**
 * Reads a classifier's scores, one a label, as a decision about the labels that are listened for. Labels that a
 * manifest gives no thresholds (`other`, `silence`) are never reported. The judgement is one object, written anew
 * each time: copy to keep.
 */
export class LabelledScores {
  readonly labels: readonly string[];
  readonly #classes: readonly Class[];
  readonly #calibrate: Calibrate;
  readonly #judgement: MutableJudgement;

  /**
   * @param words labels to report; null for all that have thresholds.
   * @param asked thresholds instead of the manifest's.
   * @throws CatnapError `CONFIG_INVALID` when the model does not know a word, `MODEL_SHAPE` for a calibration that
   * is none.
   */
  constructor(stage: string, { manifest }: Model, words: readonly string[] | null, asked: ThresholdsAsked) {
    const known = manifest.labels.filter((label) => Object.hasOwn(manifest.thresholds, label));
    for (const word of words ?? []) {
      if (known.includes(word)) continue;
      throw new CatnapError(
        'CONFIG_INVALID',
        `model ${manifest.name}: expected words among ${known.join(', ')}, found "${word}"`,
      );
    }
    this.labels = words ?? known;
    this.#classes = this.labels.map((label) => ({
      index: manifest.labels.indexOf(label),
      label,
      thresholds: thresholdsOf(label, asked, manifest.thresholds[label] ?? HALF),
    }));
    this.#calibrate = calibrator(manifest.calibration);
    this.#judgement = { kind: 'reject', stage, label: '', score: 0, confidence: 0, contributions: [] };
  }

  /**
   * The label that fares best against its thresholds, and among equals the most confident one.
   * @param kept what each score was kept up at: a label is refused whose score did not stay above its threshold.
   */
  judge(scores: Float32Array, kept = scores): Decision {
    const best = this.#judgement;
    best.confidence = -1;
    let rank = -1;
    for (const { index, label, thresholds } of this.#classes) {
      const score = scores[index] ?? Number.NaN;
      if (!Number.isFinite(score)) return { kind: 'abstain', stage: best.stage, code: 'MODEL_OUTPUT' };
      const confidence = this.#calibrate(score);
      const stayed = this.#calibrate(kept[index] ?? Number.NaN) >= thresholds.reject;
      const kind = stayed ? judge(confidence, thresholds) : 'reject';
      if (RANK[kind] < rank || (RANK[kind] === rank && confidence <= best.confidence)) continue;
      rank = RANK[kind];
      best.kind = kind;
      best.label = label;
      best.score = score;
      best.confidence = confidence;
      best.thresholds = thresholds;
    }
    return best;
  }

  /** The confidence of every label that is listened for. */
  confidences(scores: Float32Array): ReadonlyMap<string, number> {
    return new Map(
      this.#classes.map(({ index, label }) => [label, this.#calibrate(scores[index] ?? Number.NaN)]),
    );
  }

  /** The highest score of a label that is listened for. */
  highest(scores: Float32Array): number {
    let highest = 0;
    for (const { index } of this.#classes) highest = Math.max(highest, scores[index] as number);
    return highest;
  }

  /** The decision of a stage that has heard nothing yet. */
  silence(): Decision {
    const silent = this.#judgement;
    silent.kind = 'reject';
    silent.label = this.labels[0] ?? '';
    silent.score = 0;
    silent.confidence = 0;
    return silent;
  }
}
