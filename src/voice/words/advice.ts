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
 * How typed words that nothing was chosen on fared by their sounds, through the whole cascade with the thresholds of
 * today (docs/WORDS.md says how it was measured, `models/train/expectation.py` makes such figures); the last stands for
 * all longer ones.
 */
const FARED: readonly { readonly most: number; readonly missedShare: number; readonly of: string }[] = [
  { most: 6, missedShare: 0.04, of: '91 recordings of 3 words of 5 and 6 sounds' },
  {
    most: Number.POSITIVE_INFINITY,
    missedShare: 0.02,
    of: '190 recordings of 5 words of 7 sounds and more',
  },
];
/** The same by how many everyday words are near to a word, which tells false accepts apart better than its length. */
const MANY_NEAR = 6;
const FALSELY_HEARD = {
  many: {
    perHour: 1.9,
    of: `42 hours of talk times words that ${MANY_NEAR} everyday words or more are near to`,
  },
  fewer: {
    perHour: 0.1,
    of: `two in 33 hours of talk times words that fewer than ${MANY_NEAR} everyday words are near to`,
  },
};

/** Whether a word will do. */
type Advice = Pick<WordOutlook, 'verdict' | 'because'>;

/** Looks at how a word is said, not at who says it: its length, and what it is made of. */
export function adviseOn(ways: readonly Pronunciation[], inventory: PhoneInventory): Advice {
  const shortest = shortestOf(ways, inventory);
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
  if (shortest < LEAST_PHONES || shortest > MOST_PHONES) return { verdict: 'refuse', because };
  return { verdict: because.length === 0 ? 'good' : 'doubtful', because };
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

/**
 * What to expect of a word before it is listened for.
 * @param near how many everyday words are near to it.
 */
export function expectationOf(
  ways: readonly Pronunciation[],
  near: number,
  inventory: PhoneInventory,
): Expectation {
  const sounds = shortestOf(ways, inventory);
  const { missedShare = 1, of = '' } = FARED.find(({ most }) => sounds <= most) ?? {};
  const heard = near >= MANY_NEAR ? FALSELY_HEARD.many : FALSELY_HEARD.fewer;
  const worse = sounds < LEAST_PHONES ? ', and none so short: expect worse' : '';
  return {
    missedShare,
    falseAcceptsPerHour: heard.perHour,
    basis: `${of}; ${heard.of}, this one has ${near}${worse}`,
  };
}

function shortestOf(ways: readonly Pronunciation[], inventory: PhoneInventory): number {
  return Math.min(...ways.map(({ phones }) => inventory.soundsOf(phones)));
}

function share(phones: readonly string[]): number {
  return phones.filter((phone) => SONOROUS.test(phone)).length / Math.max(1, phones.length);
}
