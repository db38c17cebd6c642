import type { CascadeEvent } from '../../core/events/events.js';
import { NearWakes, operatingPoint } from '../../voice/words/room.js';

/** Knows and moves from which confidence words of the owner's are believed, in the configuration. */
export interface WordPoints {
  /** As it is written; null for what is no word of the owner's. */
  of(source: string, label: string): number | null;
  set(source: string, label: string, accept: number): void;
}

/**
 * Moves the operating point of a word that was heard for nothing as `catnap words listen` does, never down; says what
 * became of it, or null where nothing is to be moved.
 */
export function moveWord(
  { source, label }: { readonly source: string; readonly label: string },
  history: readonly CascadeEvent[],
  words: WordPoints,
): string | null {
  const near = new NearWakes(false);
  for (const event of history) near.take(event);
  try {
    const before = words.of(source, label);
    if (before === null) return null;
    const { accept } = operatingPoint({ ...near.of(label), hours: 1, least: before });
    if (accept <= before) return null;
    words.set(source, label, accept);
    return `${label} is believed from ${accept} (before: ${before})`;
  } catch (error) {
    return `${label} is believed as before: ${error instanceof Error ? error.message : String(error)}`;
  }
}
