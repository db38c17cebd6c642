import { distance } from 'fastest-levenshtein';
import type { Recognition, Window } from '../../core/cascade/stage.js';

/** Words of a transcript that may stand before the wake word: the end of what somebody else said. */
const MOST_BEFORE = 8;
/** A wake word may be written as so many words. */
const MOST_WORDS = 3;
/** Share of its letters that may be others: recognisers write names as they please ("Smart Mayor", "Snow boy"). */
const MOST_OTHER = 0.5;

/** A few words of a transcript in a row. */
interface Run {
  readonly letters: string;
  /** How many words of the transcript end with it. */
  readonly end: number;
}

/** Every run of words that may be a wake word, of those that begin among the first so many words. */
function runsOf(spoken: readonly string[], beginnings = spoken.length): readonly Run[] {
  return spoken.slice(0, beginnings).flatMap((_, from) =>
    spoken.slice(from, from + MOST_WORDS).map((_, more) => {
      const end = from + more + 1;
      return { letters: lettersOf(spoken.slice(from, end).join('')), end };
    }),
  );
}

function wordsOf(text: string): readonly string[] {
  return text.trim().split(/\s+/u);
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** What a transcript says after the wake word that it begins with, more or less; null where it is not found. */
function afterWord(text: string, word: string): string | null {
  const wanted = lettersOf(word);
  const spoken = wordsOf(text);
  let best = { other: MOST_OTHER, end: 0 };
  for (const { letters, end } of runsOf(spoken, MOST_BEFORE + 1)) {
    const other = distance(letters, wanted) / wanted.length;
    if (other < best.other) best = { other, end };
  }
  return best.end === 0 ? null : spoken.slice(best.end).join(' ');
}

/** How like a word something is that a transcript says, 0 to 1. */
export function likenessIn(text: string, word: string): number {
  const wanted = lettersOf(word);
  let best = 0;
  for (const { letters } of runsOf(wordsOf(text)))
    best = Math.max(best, 1 - distance(letters, wanted) / Math.max(letters.length, wanted.length, 1));
  return best;
}

/** The same window with the wake word before it. */
export function behindWakeWord(window: Window, wakeWord: NonNullable<Window['wakeWord']>): Window {
  const data = new Float32Array(wakeWord.data.length + window.data.length);
  data.set(wakeWord.data);
  data.set(window.data, wakeWord.data.length);
  return { ...window, data };
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
  const whole = await understand(behindWakeWord(window, wakeWord));
  if (whole.kind === 'abstain') return whole;
  const text = whole.kind === 'transcript' ? afterWord(whole.text, wakeWord.label) : null;
  if (whole.kind !== 'transcript' || text === null) return understand(window);
  return text === '' ? { kind: 'empty', stage: whole.stage } : { ...whole, text };
}
