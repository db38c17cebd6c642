import type { EventOf, TrailEntry } from '../../core/events/events.js';
import { judgementsOf, type PastDetection } from './past-detection.js';

/** What made the confidences of a word: the stages by their names, and heavy's judge. */
export interface Makers {
  readonly tiny: string;
  /** Null: nobody looks again. */
  readonly heavy: string | null;
  readonly judge: string;
  /** Stages whose thresholds of the cascade do not decide on the word: it has its own, or they do not matter. */
  readonly apart: readonly ('tiny' | 'heavy')[];
}

/** By word; a word that is missing is not listened for. */
export type MakersByWord = Readonly<Record<string, Makers>>;

/** What of a detection says who made it. */
type Made = Pick<PastDetection, 'source' | 'label' | 'believedOn'>;

/** How a judge is called in a trail that names none. */
const ITSELF = 'confidence';

/** Whose the confidence of a step of a trail is. */
export function judgeIn(entry: TrailEntry | undefined): string {
  return (entry !== undefined && entry.kind !== 'abstain' && entry.judge?.kind) || ITSELF;
}

/**
 * Tells detections that what decides now has made from others: a confidence of another stage or of another judge means
 * something else. Words that are not listened for are none of these; those that something else made are counted.
 */
export class MadeNow {
  readonly #others = new Map<string, number>();

  /** @param makersOf by source: what decides there now; null: anything counts */
  constructor(private readonly makersOf: (source: string) => MakersByWord | null) {}

  /** Whether a detection is of these; one that is not is counted. */
  has(past: Made): boolean {
    const found = this.#look(past);
    if (typeof found === 'string') this.#others.set(found, (this.#others.get(found) ?? 0) + 1);
    return found === true;
  }

  /** Whether tiny, as it is now, almost noticed this. */
  almostNoticed({ source, label, trail }: EventOf<'near-miss'>): boolean {
    return this.#look({ source, label, believedOn: trail }) === true;
  }

  /** See {@link Makers.apart}. */
  apart({ source, label }: Made): Makers['apart'] {
    return wordOf(this.makersOf(source), label)?.apart ?? [];
  }

  /** How many were left out, by what made them. */
  get leftOut(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#others);
  }

  /** The same, to be said behind what was not; nothing of nothing. */
  told(): string {
    const others = [...this.#others].map(([by, count]) => `${count} of ${by}`);
    return others.length === 0 ? '' : `; left out: ${others.join(', ')}`;
  }

  /** True, false for a word that is not listened for, or what else made it. */
  #look(past: Made): boolean | string {
    const byWord = this.makersOf(past.source);
    if (byWord === null) return true;
    const makers = wordOf(byWord, past.label);
    return makers === null ? false : (otherMakers(past, makers) ?? true);
  }
}

function wordOf(byWord: MakersByWord | null, label: string): Makers | null {
  return byWord !== null && Object.hasOwn(byWord, label) ? (byWord[label] ?? null) : null;
}

/**
 * What other stages or judges made the confidences of a detection, in a few words; null where it was these. What was
 * not judged in the end, and by whom it was not, says nothing.
 */
function otherMakers(past: Made, makers: Makers): string | null {
  const { tiny, heavy } = judgementsOf(past);
  const others = [
    tiny !== null && tiny.stage !== makers.tiny && tiny.stage,
    heavy !== null && heavy.stage !== makers.heavy && heavy.stage,
    heavy !== null && judgeIn(heavy) !== makers.judge && `judge ${judgeIn(heavy)}`,
  ].filter((other) => other !== false);
  return others.length === 0 ? null : others.join(' and ');
}
