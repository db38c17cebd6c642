import { designEffect } from '../../core/intervals.js';
import { dealt } from '../groups.js';
import { frontOf } from './front.js';
import { Noticed } from './noticed.js';
import {
  type Heard,
  type Listened,
  type Outcome,
  type Point,
  sumOfParts,
  type WakeThresholds,
} from './tuning.js';

/** Thresholds of each word. */
export type ThresholdsByWord = Readonly<Record<string, WakeThresholds>>;

/** Thresholds of all words that are chosen together, with their outcome where they were chosen. */
export interface WordsPoint extends Outcome {
  readonly thresholds: ThresholdsByWord;
}

/**
 * The front where each word has thresholds of its own. Every word's own front is taken at its convex hull, and of all
 * words' steps from fewer misses to fewer false accepts those that save most false accepts for a miss are taken first:
 * what no other thresholds on the hulls do better (Shoham and Gersho, IEEE Trans. ASSP 36, 1988).
 */
export function frontOfWords(words: readonly string[], heard: readonly Heard[]): readonly WordsPoint[] {
  const hulls = words.map((word) => ({ word, hull: hullOf(frontOf(heard, word)) }));
  const told = hulls.filter(({ hull }) => hull.length > 0);
  const at = new Map(told.map(({ word, hull }) => [word, hull[0] as Point]));
  if (at.size === 0) return [];
  const steps = told.flatMap(({ word, hull }) =>
    hull.slice(1).map((to, index) => ({ word, to, saved: slope(hull[index] as Point, to) })),
  );
  const front = [sumOf(at)];
  for (const { word, to } of steps.sort((a, b) => b.saved - a.saved)) {
    at.set(word, to);
    front.push(sumOf(at));
  }
  return front;
}

/** False accepts saved for each further miss. */
function slope(from: Point, to: Point): number {
  return (from.falseAccepts - to.falseAccepts) / (to.missed - from.missed);
}

/** The points of a front, from the least missed on, that no mixture of others is better than. */
function hullOf(front: readonly Point[]): readonly Point[] {
  const hull: Point[] = [];
  for (const point of front) {
    for (;;) {
      const [before, last] = hull.slice(-2);
      if (before === undefined || last === undefined || slope(before, last) > slope(last, point)) break;
      hull.pop();
    }
    hull.push(point);
  }
  return hull;
}

/** The words share their hours; everything else of theirs adds up. */
function sumOf(points: ReadonlyMap<string, Point>): WordsPoint {
  const all = [...points.values()];
  const { hours = 0 } = all[0] ?? {};
  const sum = sumOfParts(all.map((point, at) => (at === 0 ? point : { ...point, hours: 0 })));
  const thresholds = Object.fromEntries([...points].map(([word, its]) => [word, its.thresholds]));
  return { thresholds, ...sum, hours };
}

/** No confidence is as high. */
const NEVER: WakeThresholds = { notice: 2, accept: 2 };

/** What thresholds of each word would have made of it all; a word without any is missed whenever it is said. */
export function outcomeOfWords(
  words: readonly string[],
  heard: readonly Heard[],
  thresholds: ThresholdsByWord,
): Outcome {
  const points = words.map((word) => {
    const its = thresholds[word] ?? { ...NEVER, notice: heard[0]?.notice ?? NEVER.notice };
    const own = heard.find(({ notice }) => notice === its.notice);
    return [word, { thresholds: its, ...Noticed.of(own?.listened ?? [], word).outcome(its) }] as const;
  });
  return sumOf(new Map(points));
}

/** What a choice is worth where it was not made. */
export interface CrossValidated extends Outcome {
  /** By how much either count varies more from group to group than chance has it: see {@link designEffect}. */
  readonly effects: { readonly missed: number; readonly falseAccepts: number };
}

/**
 * What a choice is worth where it was not made: groups are dealt into parts, each part is judged with the thresholds
 * chosen on all others, and the counts are added (Stone, J. R. Statist. Soc. B 36, 1974). Null of a single group.
 *
 * @param chosen what is chosen on a part of what was heard
 */
export function crossValidatedBy(
  words: readonly string[],
  heard: readonly Heard[],
  parts: number,
  chosen: (heard: readonly Heard[]) => ThresholdsByWord | null,
): CrossValidated | null {
  const folds = dealt(
    heard.flatMap(({ listened }) => listened.map(({ group }) => group)),
    parts,
  );
  if (folds.length < 2) return null;
  const only = (isWanted: (stretch: Listened) => boolean) =>
    heard.map(({ notice, listened }) => ({ notice, listened: listened.filter(isWanted) }));
  const byGroup = splitByGroup(heard);
  const judged = folds.flatMap((fold) => {
    const thresholds = chosen(only(({ group }) => !fold.has(group)));
    if (thresholds === null) return [];
    const whole = outcomeOfWords(
      words,
      only(({ group }) => fold.has(group)),
      thresholds,
    );
    const groups = [...fold].map((group) => outcomeOfWords(words, byGroup.get(group) ?? [], thresholds));
    return [{ whole, groups }];
  });
  if (judged.length === 0) return null;
  return {
    ...sumOfParts(judged.map(({ whole }) => whole)),
    effects: effectsOf(judged.flatMap(({ groups }) => groups)),
  };
}

/** What each group was heard in, in every pass. */
function splitByGroup(heard: readonly Heard[]): ReadonlyMap<string, readonly Heard[]> {
  const groups = new Map<string, { readonly notice: number; readonly listened: Listened[] }[]>();
  heard.forEach(({ listened }, pass) => {
    for (const stretch of listened) {
      const its = groups.get(stretch.group) ?? heard.map(({ notice }) => ({ notice, listened: [] }));
      its[pass]?.listened.push(stretch);
      groups.set(stretch.group, its);
    }
  });
  return groups;
}

function effectsOf(groups: readonly Outcome[]): CrossValidated['effects'] {
  return {
    missed: designEffect(
      groups.map(({ missed, words }) => ({ count: missed, of: words })),
      'share',
    ),
    falseAccepts: designEffect(
      groups.map(({ falseAccepts, hours }) => ({ count: falseAccepts, of: hours })),
      'events',
    ),
  };
}
