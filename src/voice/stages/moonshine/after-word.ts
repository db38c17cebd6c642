import { distance } from 'fastest-levenshtein';

/** Words of a transcript that may stand before the wake word: the end of what somebody else said. */
const MOST_BEFORE = 8;
/** A wake word may be written as so many words. */
const MOST_WORDS = 3;
/** Share of its letters that may be others: recognisers write names as they please ("Smart Mayor", "Snow boy"). */
const MOST_OTHER = 0.5;

/** What a transcript says after the wake word that it begins with, more or less; null where it is not found. */
export function afterWord(text: string, word: string): string | null {
  const wanted = lettersOf(word);
  const spoken = text.trim().split(/\s+/u);
  let best = { other: MOST_OTHER, end: 0 };
  for (let from = 0; from < Math.min(spoken.length, MOST_BEFORE + 1); from++) {
    for (let end = from + 1; end <= Math.min(spoken.length, from + MOST_WORDS); end++) {
      const other = distance(lettersOf(spoken.slice(from, end).join('')), wanted) / wanted.length;
      if (other < best.other) best = { other, end };
    }
  }
  return best.end === 0 ? null : spoken.slice(best.end).join(' ');
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
