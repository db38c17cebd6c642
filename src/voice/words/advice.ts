import type { PhoneInventory } from './phones.js';
import type { Pronunciation } from './pronunciations.js';

/** Fewer phones than this sound like too much else in everyday speech: such words failed in every trial. */
const LEAST_PHONES = 5;
/** From here on hardly anything else sounds like it by chance. */
const SURE_PHONES = 7;
/** Vowels and sonorants, which noise and music resemble more than anything else. */
const SONOROUS = /^[aeiouɑɐɒæəɚɛɜɝɪɔʊʌʉjwlmnŋɹɫ]/u;
const MOST_SONOROUS = 0.8;

/** How words of so many sounds fared (docs/WORDS.md says on what); the last stands for all longer ones. */
const FARED: readonly (readonly [sounds: number, missedShare: number, falseAcceptsPerHour: number])[] = [
  [5, 0.23, 1.1],
  [6, 0.13, 0.3],
  [7, 0.05, 0.9],
  [8, 0.02, 0.4],
];

/** What words of the same length did, typed, in quiet rooms and over the telephone. */
export interface Expectation {
  readonly missedShare: number;
  /** While people talk. */
  readonly falseAcceptsPerHour: number;
}

/** What to expect of a word before it is listened for. */
export interface Advice {
  readonly expected: Expectation;
  /** `refuse`: it would disappoint. */
  readonly verdict: 'good' | 'doubtful' | 'refuse';
  /** Each in one sentence; empty for a good word. */
  readonly because: readonly string[];
}

/** Looks at how a word is said, not at who says it: its length, and what it is made of. */
export function adviseOn(ways: readonly Pronunciation[], inventory: PhoneInventory): Advice {
  const shortest = Math.min(...ways.map(({ phones }) => inventory.soundsOf(phones)));
  const because: string[] = [];
  if (shortest < LEAST_PHONES)
    because.push(`${shortest} sounds are too few: everyday speech is full of them`);
  else if (shortest < SURE_PHONES)
    because.push(
      `${shortest} sounds are few: it is missed more often than a longer word; 7 or more are safer`,
    );
  const sonorous = Math.max(
    ...ways.map(({ phones }) => share(phones.map((phone) => inventory.labels[phone] ?? ''))),
  );
  if (sonorous > MOST_SONOROUS)
    because.push('hardly a hard consonant in it: music and other voices resemble it; p, t, k, s or ch help');
  if (ways.some(({ basis }) => basis === 'network'))
    because.push(
      'not in the dictionary: how it is said was guessed from its letters; try it, or give it in IPA',
    );
  const expected = expectationOf(shortest);
  if (shortest < LEAST_PHONES) return { expected, verdict: 'refuse', because };
  return { expected, verdict: because.length === 0 ? 'good' : 'doubtful', because };
}

function expectationOf(sounds: number): Expectation {
  const fared = FARED.find(([length]) => sounds <= length) ?? FARED.at(-1);
  const [, missedShare = 0, falseAcceptsPerHour = 0] = fared ?? [];
  return { missedShare, falseAcceptsPerHour };
}

function share(phones: readonly string[]): number {
  return phones.filter((phone) => SONOROUS.test(phone)).length / Math.max(1, phones.length);
}
