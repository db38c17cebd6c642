import { type Interval, wilson } from '../core/intervals.js';
import { dealt } from '../learning/groups.js';
import type { Question } from './router-data.js';

/** What asking the weak model first, and the strong one where it is needed, costs beside always asking the strong. */
export interface CascadeCost {
  /** Share of the strong model's right answers that was aimed at. */
  readonly aimed: number;
  /** Share of questions sent to the strong model. */
  readonly sent: number;
  /** Money, of what always asking the strong model costs. */
  readonly cost: number;
  /** Share answered rightly, and by the strong model alone. */
  readonly right: number;
  readonly rightInterval: Interval;
  readonly strongRight: number;
  /** The same for whoever looks at the weak model's answers, which the data does not have. */
  readonly bounds: CostBounds;
}

/** What no router or judge can be better than, and what a judge has to be like for an aim. */
export interface CostBounds {
  /** Money, where only that is sent which the strong model alone answers rightly, and no more of it than is needed. */
  readonly hindsightCost: number;
  /** Share of weak answers that a judge has to be right about, of right and wrong ones alike, and the money then. */
  readonly judgeAccuracy: number;
  readonly judgeCost: number;
}

/**
 * A replay of recorded answers: on all subjects but a part the share is chosen that has to be sent for the aim, and
 * that much need of the strong model is then asked for on the part; and so on until each subject has had its turn.
 * The weak model is asked only where the strong one is not.
 *
 * @param needs how much each question needs the strong model, by routers that had not seen its subject
 * @param priceRatio what the weak model costs of what the strong one does
 */
export function cascadeCost(
  questions: readonly Question[],
  needs: readonly number[],
  aimed: number,
  { folds, priceRatio }: { readonly folds: number; readonly priceRatio: number },
): CascadeCost {
  const all = questions.map((question, at) => ({ ...question, need: needs[at] ?? 0 }));
  let [sent, right] = [0, 0];
  for (const fold of dealt(
    questions.map(({ group }) => group),
    folds,
  )) {
    const least = leastNeed(
      all.filter(({ group }) => !fold.has(group)),
      aimed,
    );
    for (const { group, need, weakCorrect, strongCorrect } of all) {
      if (!fold.has(group)) continue;
      const isSent = need >= least;
      sent += Number(isSent);
      right += Number(isSent ? strongCorrect : weakCorrect);
    }
  }
  const strong = all.filter(({ strongCorrect }) => strongCorrect).length;
  return {
    aimed,
    sent: sent / all.length,
    cost: (sent + priceRatio * (all.length - sent)) / all.length,
    right: right / all.length,
    rightInterval: wilson(right, all.length),
    strongRight: strong / all.length,
    bounds: boundsOf(questions, aimed, priceRatio),
  };
}

/**
 * A judge that is right about the share `a` of right weak answers and of wrong ones lets stand `a weak` and sends what
 * else both or the strong model alone get right: `a weak + (1 - a) both + a gained`, which is linear in `a`.
 */
function boundsOf(questions: readonly Question[], aimed: number, priceRatio: number): CostBounds {
  const share = (is: (question: Question) => boolean) => questions.filter(is).length / questions.length;
  const weak = share(({ weakCorrect }) => weakCorrect);
  const both = share(({ weakCorrect, strongCorrect }) => weakCorrect && strongCorrect);
  const gained = share(({ weakCorrect, strongCorrect }) => !weakCorrect && strongCorrect);
  const wanted = aimed * (both + gained);
  const judgeAccuracy = Math.max(0, (wanted - both) / (weak - both + gained));
  const flagged = judgeAccuracy * (1 - weak) + (1 - judgeAccuracy) * weak;
  return {
    hindsightCost: priceRatio + Math.max(0, wanted - weak),
    judgeAccuracy,
    judgeCost: priceRatio + flagged,
  };
}

interface Needed extends Question {
  readonly need: number;
}

/** The need from which on questions have to be sent for so many right answers; those that need it most go first. */
function leastNeed(questions: readonly Needed[], aimed: number): number {
  const wanted = aimed * questions.filter(({ strongCorrect }) => strongCorrect).length;
  let right = questions.filter(({ weakCorrect }) => weakCorrect).length;
  for (const { need, weakCorrect, strongCorrect } of questions.toSorted((a, b) => b.need - a.need)) {
    if (right >= wanted) return need + Number.EPSILON;
    right += Number(strongCorrect) - Number(weakCorrect);
    if (right >= wanted) return need;
  }
  return Number.NEGATIVE_INFINITY;
}
