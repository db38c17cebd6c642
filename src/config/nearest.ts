import { distance } from 'fastest-levenshtein';

/**
 * The known name that `name` was most likely to be: the one with the fewest edits between them (Levenshtein), where
 * that is not more than a third of it, or one that stands within it; null where none is near.
 */
function nearest(name: string, known: readonly string[]): string | null {
  const written = name.toLowerCase();
  const near = known
    .map((candidate) => ({ candidate, edits: distance(written, candidate.toLowerCase()) }))
    .filter(
      ({ candidate, edits }) =>
        edits <= Math.max(2, name.length / 3) ||
        (candidate.length > 2 && written.includes(candidate.toLowerCase())),
    )
    .sort((a, b) => a.edits - b.edits)[0];
  return near?.candidate ?? null;
}

/** The end of a complaint about a name that is not known: the one that was meant, else all there are. */
export function suggestion(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === null ? `; known here: ${known.join(', ')}` : `; did you mean "${meant}"?`;
}
