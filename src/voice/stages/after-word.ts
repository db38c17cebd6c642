import { distance } from 'fastest-levenshtein';
import type { Recognition, Window } from '../../core/cascade/stage.js';

/** Words of a transcript that may stand before the wake word: the end of what somebody else said. */
const MOST_BEFORE = 8;
/** A wake word may be written as so many words. */
const MOST_WORDS = 3;
/** Share of its letters that may be others: recognisers write names as they please ("Smart Mayor", "Snow boy"). */
const MOST_OTHER = 0.5;

/** What a transcript says after the wake word that it begins with, more or less; null where it is not found. */
function afterWord(text: string, word: string): string | null {
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

/** How like a word something is that a transcript says, 0 to 1. */
export function likenessIn(text: string, word: string): number {
  const wanted = lettersOf(word);
  const spoken = text.trim().split(/\s+/u);
  let best = 0;
  for (let from = 0; from < spoken.length; from++) {
    for (let end = from + 1; end <= Math.min(spoken.length, from + MOST_WORDS); end++) {
      const heard = lettersOf(spoken.slice(from, end).join(''));
      best = Math.max(best, 1 - distance(heard, wanted) / Math.max(heard.length, wanted.length, 1));
    }
  }
  return best;
}

/**
 * What follows the wake word in one breath is understood best together with it: the word is then taken out of the
 * text. Where the text does not show it, the utterance alone is understood.
 */
export async function understoodAfterWord(
  window: Window,
  understand: (window: Window) => Promise<Recognition>,
): Promise<Recognition> {
  const { wakeWord } = window;
  if (wakeWord === undefined) return understand(window);
  const data = new Float32Array(wakeWord.data.length + window.data.length);
  data.set(wakeWord.data);
  data.set(window.data, wakeWord.data.length);
  const whole = await understand({ ...window, data });
  if (whole.kind === 'abstain') return whole;
  const text = whole.kind === 'transcript' ? afterWord(whole.text, wakeWord.label) : null;
  if (whole.kind !== 'transcript' || text === null) return understand(window);
  return text === '' ? { kind: 'empty', stage: whole.stage } : { ...whole, text };
}
