import { countAgain, designEffect, type Interval, shareExact } from '../../core/intervals.js';
import { dealt } from '../groups.js';

/** Something that was decided on a confidence, and whether that was right. */
export interface Graded {
  /** Voice and room, or day: what shares one is no independent draw. */
  readonly group: string;
  readonly confidence: number;
  readonly isRight: boolean;
}

/** What is decided from a confidence on, and how much of it is wrong: a point of the risk-coverage curve. */
export interface Coverage {
  readonly least: number;
  readonly decided: number;
  readonly wrong: number;
}

/** What a choice decides on groups it was not made on. */
export interface Elsewhere extends Omit<Coverage, 'least'> {
  /** By how much what is wrong varies more from group to group than chance has it: see {@link designEffect}. */
  readonly effect: number;
}

/** What {@link tuneSelective} finds. */
export interface Selective {
  /** Of all that was graded. */
  readonly graded: number;
  readonly now: Coverage;
  /** From the one that decides most on; every further one is wrong less often. */
  readonly front: readonly Coverage[];
  /** The one that decides most within the wish; null where none is. */
  readonly chosen: Coverage | null;
  /** What choosing so brings on groups it was not chosen on; null of a single group. */
  readonly crossValidated: Elsewhere | null;
  /** Share that is wrong there, exact 95% of as many fewer as groups differ; null of a single group. */
  readonly wrongShare: Interval | null;
  /** How many wrong ones to expect among as many more; null of a single group, and where nothing was decided. */
  readonly wrongAgain: Interval | null;
}

/** Confidences nearer than this are one. */
const STEP = 0.001;

/**
 * Finds from which confidence on to decide, so that at most a share of what is decided is wrong and as much as can be
 * is decided: selective classification (El-Yaniv and Wiener, JMLR 11, 2010), cross-validated by group.
 *
 * @param most the share of wrong ones that is wished at most
 * @param inForce from which confidence on is decided now
 */
export function tuneSelective(
  items: readonly Graded[],
  { most, folds, inForce }: { readonly most: number; readonly folds: number; readonly inForce: number },
): Selective {
  const front = frontOf(items);
  const crossValidated = elsewhere(items, most, folds);
  return {
    graded: items.length,
    now: coverageOf(items, inForce),
    front,
    chosen: chooseFrom(front, most),
    crossValidated,
    wrongShare:
      crossValidated === null
        ? null
        : shareExact(crossValidated.wrong, crossValidated.decided, crossValidated.effect),
    wrongAgain: crossValidated?.decided ? wrongIn(crossValidated.decided, crossValidated) : null,
  };
}

/** What a count where nothing was chosen says of so many more, of other groups: those that are wrong, at 95%. */
export function wrongIn(decided: number, { wrong, decided: before, effect }: Elsewhere): Interval {
  return countAgain(wrong, before, decided, effect);
}

/** What is decided from a confidence on. */
export function coverageOf(items: readonly Graded[], least: number): Coverage {
  const decided = items.filter(({ confidence }) => confidence >= least);
  return { least, decided: decided.length, wrong: decided.filter(({ isRight }) => !isRight).length };
}

/** The points that no other is wrong less often than at no less decided. */
function frontOf(items: readonly Graded[]): readonly Coverage[] {
  const sorted = items.toSorted((a, b) => b.confidence - a.confidence);
  const front: Coverage[] = [];
  let wrong = 0;
  sorted.forEach(({ confidence, isRight }, at) => {
    wrong += isRight ? 0 : 1;
    const next = sorted[at + 1]?.confidence ?? 0;
    if (confidence - next < STEP) return;
    const point = { least: between(next, confidence), decided: at + 1, wrong };
    while (shareOf(front.at(-1)) >= shareOf(point)) front.pop();
    front.push(point);
  });
  return front.reverse();
}

/** The middle of two confidences: the farthest from what would change the outcome. */
function between(low: number, high: number): number {
  return Number(((low + high) / 2).toFixed(3));
}

function shareOf(point: Coverage | undefined): number {
  return point === undefined ? -1 : point.wrong / point.decided;
}

function chooseFrom(front: readonly Coverage[], most: number): Coverage | null {
  return front.find((point) => shareOf(point) <= most) ?? null;
}

function elsewhere(items: readonly Graded[], most: number, folds: number): Elsewhere | null {
  const parts = dealt(
    items.map(({ group }) => group),
    folds,
  );
  if (parts.length < 2) return null;
  const groups = parts.flatMap((part) => {
    const chosen = chooseFrom(frontOf(items.filter(({ group }) => !part.has(group))), most);
    return chosen === null
      ? []
      : [...part].map((name) =>
          coverageOf(
            items.filter(({ group }) => group === name),
            chosen.least,
          ),
        );
  });
  const counts = groups.map(({ wrong, decided }) => ({ count: wrong, of: decided }));
  return {
    decided: counts.reduce((sum, { of }) => sum + of, 0),
    wrong: counts.reduce((sum, { count }) => sum + count, 0),
    effect: designEffect(counts, 'share'),
  };
}
