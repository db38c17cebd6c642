import type { ComparedTake } from './likeness.js';
import type { Phones } from './phones.js';
import type { Match, WordSearch } from './search.js';

/** A word of the owner's, as what listens for it is told. */
export interface OwnWord {
  /** Label in events. */
  readonly name: string;
  /** As it is written, for whoever reads speech; null where it was only ever spoken. */
  readonly phrase: string | null;
  /** How it is said. */
  readonly ways: readonly Phones[];
  /** What its takes are like, of a word that was only ever spoken: they judge it in place of whoever reads. */
  readonly takes: readonly ComparedTake[];
  /** How many everyday words hold what sounds much like it; 0 of a word that was only ever spoken. */
  readonly near: number;
  /** Confidence from which it is believed. */
  readonly accept: number;
}

/** Whether a word has no spelling, so that its takes alone say how it is said. */
export function isOnlySpoken({ phrase }: Pick<OwnWord, 'phrase'>): boolean {
  return phrase === null;
}

/** The way of a word that fits best, and where. */
export interface OwnMatch extends Match {
  readonly word: OwnWord;
  readonly way: Phones;
}

/** Confidence from which a word is believed where nothing else is said. */
export const EVEN_ACCEPT = 0.5;

const LONG_SOUNDS = 9;

/**
 * What 1/sounds exceeds that of a long word: a score is a mean over sounds, and of fewer chance reaches a high one
 * oftener, so that times this more is asked of a short word.
 */
export function shortness(sounds: number): number {
  return Math.max(0, 1 / sounds - 1 / LONG_SOUNDS);
}

/** The best match of any way of a word in what the search has loaded. */
export function bestMatch(search: WordSearch, word: OwnWord): OwnMatch {
  const matches = word.ways.map((way) => ({ ...search.find(way), word, way }));
  return matches.reduce((best, match) => (match.score > best.score ? match : best));
}
