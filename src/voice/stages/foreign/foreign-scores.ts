import { type Calibrate, calibrator } from '../../../core/cascade/calibration.js';
import type { Decision, Judgement } from '../../../core/cascade/stage.js';
import { judge } from '../../../core/thresholds.js';
import type { ForeignWord } from './foreign-word.js';

const RANK = { accept: 2, uncertain: 1, reject: 0 } as const;

/** Reads scores, one a word, as a decision: of the word that fares best, naming those that are not refused either. */
export class ForeignScores {
  readonly #calibrate: readonly Calibrate[];

  /** @throws CatnapError `MODEL_SHAPE` for a calibration that is none. */
  constructor(
    private readonly stage: string,
    private readonly words: readonly Pick<ForeignWord, 'label' | 'thresholds' | 'calibration'>[],
  ) {
    this.#calibrate = words.map(({ calibration }) => calibrator(calibration));
  }

  judge(scores: ArrayLike<number>): Decision {
    let best: Judgement | null = null;
    const others: (readonly [string, number])[] = [];
    for (const [i, { label, thresholds }] of this.words.entries()) {
      const score = scores[i] ?? Number.NaN;
      if (!Number.isFinite(score)) return { kind: 'abstain', stage: this.stage, code: 'MODEL_OUTPUT' };
      const confidence = this.#calibrate[i]?.(score) ?? score;
      const kind = judge(confidence, thresholds);
      if (kind !== 'reject') others.push([label, score]);
      if (best !== null && !isSurer(kind, confidence, best)) continue;
      best = { kind, stage: this.stage, label, score, confidence, thresholds, contributions: [] };
    }
    if (best === null) return this.silence();
    if (others.length < 2) return best;
    const { label } = best;
    return { ...best, besides: new Map(others.filter(([other]) => other !== label)) };
  }

  /** The decision of a stage that has heard nothing yet. */
  silence(): Judgement {
    const label = this.words[0]?.label ?? '';
    return { kind: 'reject', stage: this.stage, label, score: 0, confidence: 0, contributions: [] };
  }
}

function isSurer(kind: Judgement['kind'], confidence: number, than: Judgement): boolean {
  return RANK[kind] === RANK[than.kind] ? confidence > than.confidence : RANK[kind] > RANK[than.kind];
}
