import { logit } from '../../../core/cascade/calibration.js';
import type { Piece, Window } from '../../../core/cascade/stage.js';
import { mean } from '../../../core/moments.js';
import { countWords } from '../../../core/words.js';
import type { Transcript } from './transcript-judge.js';

/** Probabilities are kept this far from 0 and 1, where logits are infinite. */
const UNSURE = 0.001;

interface Heard {
  readonly transcript: Transcript;
  /** At least one: what a recogniser does not tell of is the whole text as one piece. */
  readonly pieces: readonly Piece[];
  readonly words: number;
  readonly seconds: number;
}

const FIGURES = {
  'how sure the recogniser was': ({ transcript }: Heard) => bounded(transcript.confidence),
  'the least likely piece': ({ pieces }: Heard) =>
    bounded(Math.min(...pieces.map(({ probability }) => probability))),
  'the least lead over the next': ({ pieces }: Heard) =>
    Math.min(...pieces.map(({ probability, next }) => probability - next)),
  'what is left open': ({ pieces }: Heard) => mean(pieces.map(({ open }) => open)),
  'most that is left open': ({ pieces }: Heard) => Math.max(...pieces.map(({ open }) => open)),
  'number of words': ({ words }: Heard) => Math.log(1 + words),
  'words a second': ({ words, seconds }: Heard) => words / Math.max(0.1, seconds),
} as const;

/** What the figures of {@link transcriptFeatures} are called, in their order. */
export const TRANSCRIPT_NAMES: readonly string[] = Object.keys(FIGURES);

/** What is known of how a transcript came about; nothing of what it says. */
export function transcriptFeatures(transcript: Transcript, window: Window): Float64Array {
  const { confidence, text, pieces = [] } = transcript;
  const whole = { probability: confidence, next: 1 - confidence, open: 0 };
  const heard: Heard = {
    transcript,
    pieces: pieces.length === 0 ? [whole] : pieces,
    words: countWords(text),
    seconds: window.data.length / window.channels / window.rateHz,
  };
  return Float64Array.from(Object.values(FIGURES), (figure) => figure(heard));
}

function bounded(probability: number): number {
  return logit(Math.min(1 - UNSURE, Math.max(UNSURE, probability)));
}
