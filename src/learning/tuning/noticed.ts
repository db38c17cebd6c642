import { quantile } from '../../core/quantile.js';
import { type Candidate, type Listened, type Outcome, type WakeThresholds, withRates } from './tuning.js';

/** Thresholds are tried in steps of a thousandth: confidences nearer than this are one. */
const STEPS = 1_000;

/** What a threshold of the second stage makes of what was noticed. */
export interface Step {
  readonly accept: number;
  readonly missed: number;
  readonly falseAccepts: number;
}

/**
 * What was noticed in stretches, in columns: a number each for every candidate, so that a month of them takes little
 * memory and any thresholds are judged in one look over them.
 */
export class Noticed {
  readonly #tiny: Float64Array;
  /** What is compared with `accept`: heavy's confidence, tiny's where heavy could not say. */
  readonly #confidence: Float64Array;
  readonly #isFalse: Uint8Array;
  /** Which of the words said it finds, as an index; -1: none. */
  readonly #finds: Int32Array;
  readonly #energyMj: Float64Array;
  readonly #money: Float64Array;
  /** NaN where it was not measured. */
  readonly #latencyMs: Float64Array;
  readonly #words: number;
  readonly #seconds: number;

  private constructor(
    candidates: readonly Candidate[],
    finds: readonly number[],
    words: number,
    seconds: number,
  ) {
    const column = (of: (candidate: Candidate) => number) => Float64Array.from(candidates, of);
    this.#tiny = column(({ tiny }) => tiny);
    this.#confidence = column(({ heavy, tiny }) => heavy ?? tiny);
    this.#isFalse = Uint8Array.from(candidates, ({ real }) => (real === false ? 1 : 0));
    this.#finds = Int32Array.from(finds);
    this.#energyMj = column(({ spent }) => spent?.energyMj ?? 0);
    this.#money = column(({ spent }) => spent?.money ?? 0);
    this.#latencyMs = column(({ spent }) => spent?.latencyMs ?? Number.NaN);
    this.#words = words;
    this.#seconds = seconds;
  }

  /** @param word of which alone it is; all words when left out */
  static of(listened: readonly Listened[], word?: string): Noticed {
    const [candidates, finds]: [Candidate[], number[]] = [[], []];
    let [words, seconds] = [0, 0];
    const isWanted = (label: string) => word === undefined || label === word;
    for (const stretch of listened) {
      seconds += stretch.seconds;
      const said = stretch.said.filter(isWanted);
      for (const candidate of stretch.candidates) {
        if (!isWanted(candidate.label)) continue;
        const at = candidate.real === true ? said.indexOf(candidate.label) : -1;
        candidates.push(candidate);
        finds.push(at < 0 ? -1 : words + at);
      }
      words += said.length;
    }
    return new Noticed(candidates, finds, words, seconds);
  }

  /** Counts what thresholds would have done. What was heard was heard with `notice` as its lower end. */
  outcome({ notice, accept }: WakeThresholds): Outcome {
    const found = new Uint8Array(this.#words);
    const latenciesMs: number[] = [];
    let [wakeUps, believed, falseAccepts, energyMj, money] = [0, 0, 0, 0, 0];
    for (let at = 0; at < this.#tiny.length; at += 1) {
      if ((this.#tiny[at] as number) < notice) continue;
      wakeUps += 1;
      energyMj += this.#energyMj[at] as number;
      if ((this.#confidence[at] as number) < accept) continue;
      believed += 1;
      falseAccepts += this.#isFalse[at] as number;
      money += this.#money[at] as number;
      const finds = this.#finds[at] as number;
      if (finds >= 0) found[finds] = 1;
      latenciesMs.push(this.#latencyMs[at] as number);
    }
    const latencyP95Ms = quantile(latenciesMs, 0.95);
    return withRates({
      words: this.#words,
      missed: found.reduce((left, isFound) => left - isFound, this.#words),
      hours: this.#seconds / 3600,
      falseAccepts,
      wakeUps,
      believed,
      energyMj,
      money,
      latencyP95Ms: Number.isNaN(latencyP95Ms) ? 0 : latencyP95Ms,
    });
  }

  /** Every threshold of the second stage between which outcomes differ with `notice`, strictest first. */
  steps(notice: number): readonly Step[] {
    const [isStep, falseAt, foundAt] = [0, 1, 2].map(() => new Int32Array(STEPS + 2)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    const surest = new Int32Array(this.#words).fill(-1);
    for (let at = 0; at < this.#confidence.length; at += 1) {
      if ((this.#tiny[at] as number) < notice) continue;
      const step = stepOf(this.#confidence[at] as number);
      isStep[step] = 1;
      isStep[step + 1] = 1;
      falseAt[step] = (falseAt[step] as number) + (this.#isFalse[at] as number);
      const finds = this.#finds[at] as number;
      if (finds >= 0 && step > (surest[finds] as number)) surest[finds] = step;
    }
    for (const step of surest) if (step >= 0) foundAt[step] = (foundAt[step] as number) + 1;
    const steps: Step[] = [];
    let [missed, falseAccepts] = [this.#words, 0];
    for (let step = STEPS; step > 0; step -= 1) {
      missed -= foundAt[step] as number;
      falseAccepts += falseAt[step] as number;
      if (isStep[step] === 1) steps.push({ accept: step / STEPS, missed, falseAccepts });
    }
    return steps;
  }
}

/** The highest step that a confidence still reaches. */
function stepOf(confidence: number): number {
  const step = Math.min(STEPS, Math.max(0, Math.round(confidence * STEPS)));
  return step / STEPS > confidence && step > 0 ? step - 1 : step;
}
