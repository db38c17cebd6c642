import { type Interval, wilson } from '../core/intervals.js';
import { learnJudge } from '../learning/judges/learn-judge.js';
import { opinionOf } from '../learning/judges/learnt-judge.js';

/** A look at what was decided: what each judge makes of it, and whether it was right. */
export interface JudgedLook {
  readonly group: string;
  readonly isRight: boolean;
  /** Confidence of each judge but the learnt one, by its name. */
  readonly opinions: Readonly<Record<string, number>>;
  readonly features: Float64Array;
}

/** A judge that is compared, by its name, and the looks of a model that it takes. */
export interface Contestant {
  readonly judge: string;
  readonly looks: number;
}

/** What is compared, and how. */
export interface Contest {
  /** All but the learnt judge. */
  readonly contestants: readonly Contestant[];
  /** What the figures of a look are called that a judge learns from. */
  readonly names: readonly string[];
  /** Whether what is unlikely enough is refused; else it is passed on as what is unsure. */
  readonly refuses: boolean;
}

/** How a judge fared where so many looks at most are passed on. */
export interface AtRate {
  /** Share of looks that may be passed on, and that were, on the groups that thresholds were not chosen on. */
  readonly rate: number;
  readonly passedOn: number;
  /** Looks that were decided, and those of them wrongly. */
  readonly decided: number;
  readonly wrong: number;
  readonly accuracy: number;
  readonly interval: Interval;
}

export interface JudgeFigures {
  readonly judge: string;
  /** Looks of a model that it takes. */
  readonly looks: number;
  readonly at: readonly AtRate[];
}

/** What {@link compareJudges} finds. */
export interface JudgesBench {
  readonly looks: number;
  readonly right: number;
  readonly groups: number;
  readonly judges: readonly JudgeFigures[];
}

/** Shares of looks that are passed on. */
const RATES = [0, 0.02, 0.05, 0.1, 0.2] as const;

/**
 * Each judge at the same shares passed on: its thresholds (and what is learnt) are of one half of the groups, its
 * figures of the other, either way round, so that each look is judged once.
 */
export function compareJudges(looks: readonly JudgedLook[], contest: Contest): JudgesBench {
  const groups = [...new Set(looks.map(({ group }) => group))].sort();
  const first = new Set(groups.filter((_, at) => at % 2 === 0));
  const halves = [true, false].map((isFirst) => looks.filter(({ group }) => first.has(group) === isFirst));
  const judges = [...contest.contestants, { judge: LEARNT, looks: 1 }].map((contestant) => {
    const folds = halves.map((judgedOn, at): Fold => {
      const chosenOn = halves[1 - at] ?? [];
      return { judgedOn, chosenOn, sure: surenessBy(contestant.judge, chosenOn, contest) };
    });
    return { ...contestant, at: RATES.map((rate) => atRate(rate, folds, contest)) };
  });
  return {
    looks: looks.length,
    right: looks.filter(({ isRight }) => isRight).length,
    groups: groups.length,
    judges,
  };
}

const LEARNT = 'learnt';

/** One half of the looks, and how sure a judge is of each whose thresholds, and what it learnt, are of the other. */
interface Fold {
  readonly judgedOn: readonly JudgedLook[];
  readonly chosenOn: readonly JudgedLook[];
  readonly sure: (look: JudgedLook) => number;
}

function atRate(rate: number, folds: readonly Fold[], contest: Contest): AtRate {
  let [passedOn, decided, wrong, all] = [0, 0, 0, 0];
  for (const { judgedOn, chosenOn, sure } of folds) {
    const { accept, reject } = bandOf(chosenOn, sure, rate, contest);
    for (const look of judgedOn) {
      const confidence = sure(look);
      all += 1;
      if (confidence >= reject && confidence < accept) passedOn += 1;
      else {
        decided += 1;
        wrong += Number(confidence >= accept !== look.isRight);
      }
    }
  }
  const accuracy = 1 - wrong / Math.max(1, decided);
  const { low, high } = wilson(wrong, decided);
  return {
    rate,
    passedOn: passedOn / Math.max(1, all),
    decided,
    wrong,
    accuracy,
    interval: { low: 1 - high, high: 1 - low },
  };
}

function surenessBy(
  judge: string,
  chosenOn: readonly JudgedLook[],
  { names }: Contest,
): (look: JudgedLook) => number {
  if (judge !== LEARNT) return ({ opinions }) => opinions[judge] ?? 0;
  const learnt = learnJudge(chosenOn, names);
  return ({ features }) => opinionOf(learnt, features).confidence;
}

/** The band that passes on at most such a share and decides the rest with the fewest mistakes; of equals the middle. */
function bandOf(
  looks: readonly JudgedLook[],
  sure: (look: JudgedLook) => number,
  rate: number,
  { refuses }: Contest,
) {
  const sorted = looks
    .map((look) => ({ confidence: sure(look), isRight: look.isRight }))
    .sort((a, b) => a.confidence - b.confidence);
  const width = Math.floor(rate * sorted.length);
  if (!refuses) return { reject: Number.NEGATIVE_INFINITY, accept: between(sorted, width) };
  // Mistakes where the first `start` are refused, the next `width` passed on, and the rest believed.
  const mistakes: number[] = [];
  let refused = 0;
  let believed = sorted.slice(width).filter(({ isRight }) => !isRight).length;
  for (let start = 0; start + width <= sorted.length; start++) {
    mistakes.push(refused + believed);
    refused += Number(sorted[start]?.isRight === true);
    believed -= Number(sorted[start + width]?.isRight === false);
  }
  const least = Math.min(...mistakes);
  const best = mistakes.flatMap((count, start) => (count === least ? [start] : []));
  const start = best[Math.floor(best.length / 2)] ?? 0;
  return { reject: between(sorted, start), accept: between(sorted, start + width) };
}

function between(sorted: readonly { readonly confidence: number }[], at: number): number {
  const [below, above] = [sorted[at - 1]?.confidence ?? 0, sorted[at]?.confidence ?? 1.0001];
  return (below + above) / 2;
}
