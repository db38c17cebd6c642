import type { Expectation, WordOutlook } from '../../core/word-outlook.js';
import type { PhoneInventory } from './phones.js';
import type { Pronunciation } from './pronunciations.js';
import type { TakesPoint } from './takes-point.js';

/** Fewer phones than this sound like too much else in everyday speech: such words failed in every trial. */
const LEAST_PHONES = 5;
/**
 * A sound takes 72 ms in the middle and less than 100 ms of 95 of 100 people (412 recordings of nine words), and a word
 * is looked for in 1.8 s: so many fit where it is said quickly, and so many where it is said slowly.
 */
const [MOST_PHONES, MOST_SLOW_PHONES] = [24, 18];
/** From here on hardly anything else sounds like it by chance. */
const SURE_PHONES = 7;
/** Vowels and sonorants, which noise and music resemble more than anything else. */
const SONOROUS = /^[aeiouɑɐɒæəɚɛɜɝɪɔʊʌʉjwlmnŋɹɫ]/u;
const MOST_SONOROUS = 0.8;

/**
 * How typed words of so many sounds fared, through the whole cascade with the thresholds of today (docs/WORDS.md says
 * how it was measured, `models/train/expectation.py` makes the figures); the last stands for all longer ones.
 */
const FARED: readonly { readonly most: number; readonly missedShare: number; readonly of: string }[] = [
  { most: 6, missedShare: 0.08, of: '90 recordings of 4 words of 5 and 6 sounds' },
  {
    most: Number.POSITIVE_INFINITY,
    missedShare: 0.01,
    of: '113 recordings of 5 words of 7 sounds and more',
  },
];
/** Of all lengths together: there were too few to tell lengths apart. */
const FALSE_ACCEPTS = { perHour: 0.5, of: '3.8 hours of talk times words' };

/** What to expect of a word before it is listened for. */
type Advice = Pick<WordOutlook, 'expected' | 'verdict' | 'because'>;

/** Looks at how a word is said, not at who says it: its length, and what it is made of. */
export function adviseOn(ways: readonly Pronunciation[], inventory: PhoneInventory): Advice {
  const shortest = Math.min(...ways.map(({ phones }) => inventory.soundsOf(phones)));
  const because = [...lengthAdvice(shortest)];
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
  if (shortest < LEAST_PHONES || shortest > MOST_PHONES) return { expected, verdict: 'refuse', because };
  return { expected, verdict: because.length === 0 ? 'good' : 'doubtful', because };
}

/** What is wrong with a word of so many sounds; nothing where it is long enough and short enough. */
function lengthAdvice(sounds: number): readonly string[] {
  if (sounds < LEAST_PHONES) return [`${sounds} sounds are too few: everyday speech is full of them`];
  if (sounds > MOST_PHONES)
    return [`${sounds} sounds are too many: it takes longer than a word is listened for`];
  if (sounds > MOST_SLOW_PHONES)
    return [`${sounds} sounds are many: said slowly, it takes longer than a word is listened for`];
  if (sounds >= SURE_PHONES) return [];
  return [`${sounds} sounds are few: it is missed more often than a longer word; 7 or more are safer`];
}

/** What is wrong with a word that was recorded. */
export function takesAdvice({ sounds }: Pick<TakesPoint, 'sounds'>): readonly string[] {
  return lengthAdvice(sounds);
}

function expectationOf(sounds: number): Expectation {
  const { missedShare = 1, of = '' } = FARED.find(({ most }) => sounds <= most) ?? {};
  const worse = sounds < LEAST_PHONES ? ', and none so short: expect worse' : '';
  return {
    missedShare,
    falseAcceptsPerHour: FALSE_ACCEPTS.perHour,
    basis: `${of}; ${FALSE_ACCEPTS.of}${worse}`,
  };
}

function share(phones: readonly string[]): number {
  return phones.filter((phone) => SONOROUS.test(phone)).length / Math.max(1, phones.length);
}
