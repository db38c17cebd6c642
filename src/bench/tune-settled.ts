import {
  type Coverage,
  coverageOf,
  type Graded,
  tuneSelective,
  wrongIn,
} from '../learning/tuning/selective.js';
import { type Corner, evenly, type Split, type Tunable, unbeaten } from './tune.js';

/** Transcripts that the device can settle, and from which confidence on it does. */
export interface SettledToTune {
  readonly items: readonly Graded[];
  readonly inForce: number;
  /** Share of what is settled that is wished to be wrong at most. */
  readonly most: number;
  /** Share of it beyond which nothing counts. */
  readonly mostWrong: number;
}

const FOLDS = 5;

/** Settling by confidence: how much is passed on, and how much of what is settled is settled wrongly. */
export function tunableSettling(of: SettledToTune): Tunable {
  const { items, inForce, mostWrong } = of;
  const now = coverageOf(items, inForce);
  return {
    groups: items.map(({ group }) => group),
    what: `${items.length} that can be settled; in force ${now.decided - now.wrong} rightly, ${now.wrong} wrongly, ${items.length - now.decided} passed on`,
    measures: `share passed on up to all, share of the settled that is wrong up to ${mostWrong}`,
    split: (chosenOn) => splitSettled(of, chosenOn),
  };
}

function splitSettled({ items, inForce, most, mostWrong }: SettledToTune, half: ReadonlySet<string>): Split {
  const chosenOn = items.filter(({ group }) => half.has(group));
  const judgedOn = items.filter(({ group }) => !half.has(group));
  const corner = (on: readonly Graded[], least: number): Corner =>
    cornerOf(coverageOf(on, least), on.length, mostWrong);
  const tuned = tuneSelective(chosenOn, { most, folds: FOLDS, inForce });
  const tried = new Set(chosenOn.map(({ confidence }) => confidence.toFixed(3))).size;
  const grid = unbeaten(evenly(tried).map((least) => ({ least, ...corner(chosenOn, least) })));
  return {
    tuned: tuned.front.map(({ least }) => corner(judgedOn, least)),
    grid: grid.map(({ least }) => corner(judgedOn, least)),
    inForce: corner(judgedOn, inForce),
    tried,
    promise: promiseOf(tuned, judgedOn),
  };
}

function promiseOf(
  { chosen, crossValidated, wrongShare }: ReturnType<typeof tuneSelective>,
  judgedOn: readonly Graded[],
): Split['promise'] {
  if (chosen === null || wrongShare === null || !crossValidated?.decided) return null;
  const found = coverageOf(judgedOn, chosen.least);
  if (found.decided === 0) return { covered: true, below: true };
  const again = wrongIn(found.decided, crossValidated);
  return {
    covered: found.wrong >= again.low && found.wrong <= again.high,
    below: found.wrong <= wrongShare.high * found.decided,
  };
}

function cornerOf({ decided, wrong }: Coverage, of: number, mostWrong: number): Corner {
  return {
    missed: of === 0 ? 1 : 1 - decided / of,
    wrong: decided === 0 ? 0 : Math.min(1, wrong / decided / mostWrong),
  };
}
