import type { Step } from '../../core/events/trail-schema.js';
import { wilson } from '../../core/intervals.js';
import { dealt } from '../groups.js';
import type { PastDetection } from '../past/past-detection.js';
import { EVENT_NAMES, eventFeatures } from './event-features.js';
import { LearnedRouter, type RouterExample, type RouterWeights, trainRouter } from './router.js';

/** A question of the past that began at the cheap provider, and whether that was in vain. */
export interface AskExample extends RouterExample {
  /** How long the cheap provider took, and what it cost: what is saved where it was in vain. */
  readonly cheapMs: number;
  readonly cheapMoney: number;
}

/** What is learnt of whom to ask first. */
export interface LearntAsks {
  readonly version: 1;
  readonly weights: RouterWeights;
  /** Need from which on it begins at the dear provider; null where no need tells that surely enough. */
  readonly least: number | null;
}

/** How well that does on days that it was not learnt from, its bar chosen on other days than it is counted on. */
export interface AsksFigures {
  readonly questions: number;
  /** Questions that the cheap provider was asked in vain. */
  readonly inVain: number;
  /** Questions that begin at the dear one, and those of them that the cheap one had answered well enough. */
  readonly begunDear: number;
  readonly wrongTurns: number;
  /** Waiting saved by what is no longer asked in vain. */
  readonly savedMs: number;
  readonly savedMoney: number;
}

/** Whether the cheap provider was asked in vain; null where that is not known: it was not, or nobody judged. */
export function askedInVain([first, ...later]: readonly Step[]): boolean | null {
  if (first === undefined || first.judges.length === 0) return null;
  if (first.outcome === 'answered') return false;
  const isAnswered = first.outcome === 'passed-on' && later.some(({ outcome }) => outcome === 'answered');
  return isAnswered ? true : null;
}

/**
 * The example in a detection of the past; null where it tells nothing: nobody was asked, or nobody but one, or it began
 * at the dear one.
 */
export function askExampleOf(past: PastDetection): AskExample | null {
  const [first] = past.verdict?.steps ?? [];
  const inVain = askedInVain(past.verdict?.steps ?? []);
  if (first === undefined || inVain === null) return null;
  const { transcript, features: local, source, at: wallTime } = past;
  return {
    ...eventFeatures({ transcript, local, source, wallTime }),
    weakCorrect: !inVain,
    strongCorrect: true,
    group: past.at.slice(0, 10),
    cheapMs: first.latencyMs,
    cheapMoney: first.money,
  };
}

/**
 * Learns from the past when the cheap provider is asked in vain.
 * @param wrongTurns most share of what begins at the dear provider that need not have; held to at 95% (Wilson)
 */
export function learnAsks(
  examples: readonly AskExample[],
  { folds, wrongTurns }: { readonly folds: number; readonly wrongTurns: number },
): { readonly learnt: LearntAsks; readonly figures: AsksFigures } {
  const parts = dealt(
    examples.map(({ group }) => group),
    folds,
  );
  const needs = outOfFold(examples, parts);
  const weights = trainRouter(examples, EVENT_NAMES);
  const least = leastNeed(examples, needs, wrongTurns);
  return { learnt: { version: 1, weights, least }, figures: figuresOf(examples, needs, parts, wrongTurns) };
}

/** What routers say that have not seen the day; what is unlike all that they saw needs nothing. */
function outOfFold(
  examples: readonly AskExample[],
  parts: readonly ReadonlySet<string>[],
): readonly number[] {
  const needs = examples.map(() => Number.NEGATIVE_INFINITY);
  for (const part of parts) {
    const router = new LearnedRouter(
      trainRouter(
        examples.filter(({ group }) => !part.has(group)),
        EVENT_NAMES,
      ),
    );
    examples.forEach((example, at) => {
      if (!part.has(example.group)) return;
      const { need, unlike } = router.route(example);
      if (!unlike) needs[at] = need;
    });
  }
  return needs;
}

/**
 * The need above which most lies that is asked in vain and the share of wrong turns is surely no larger than wished; of
 * such needs the highest, for a lower one adds nothing but wrong turns. Null where there is none.
 */
function leastNeed(examples: readonly AskExample[], needs: readonly number[], wished: number): number | null {
  const order = needs
    .map((need, at) => ({ need, wrong: examples[at]?.weakCorrect === true }))
    .filter(({ need }) => need !== Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.need - a.need);
  let [least, wrong, inVain, reached]: [number | null, number, number, number] = [null, 0, 0, 0];
  order.forEach((each, rank) => {
    if (each.wrong) wrong += 1;
    else inVain += 1;
    const isTied = order[rank + 1]?.need === each.need;
    if (isTied || inVain === reached || wilson(wrong, rank + 1).high > wished) return;
    [least, reached] = [each.need, inVain];
  });
  return least;
}

function figuresOf(
  examples: readonly AskExample[],
  needs: readonly number[],
  parts: readonly ReadonlySet<string>[],
  wished: number,
): AsksFigures {
  const all = examples.map((example, at) => ({ example, need: needs[at] ?? 0 }));
  const dear = parts.flatMap((part) => {
    const others = all.filter(({ example }) => !part.has(example.group));
    const least = leastNeed(
      others.map(({ example }) => example),
      others.map(({ need }) => need),
      wished,
    );
    return all.filter(({ example, need }) => part.has(example.group) && least !== null && need >= least);
  });
  const spared = dear.filter(({ example }) => !example.weakCorrect);
  return {
    questions: examples.length,
    inVain: examples.filter(({ weakCorrect }) => !weakCorrect).length,
    begunDear: dear.length,
    wrongTurns: dear.length - spared.length,
    savedMs: spared.reduce((sum, { example }) => sum + example.cheapMs, 0),
    savedMoney: spared.reduce((sum, { example }) => sum + example.cheapMoney, 0),
  };
}
