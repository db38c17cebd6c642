import type { WordOutlook } from '../../core/word-outlook.js';
import { shippedModel } from '../../models/manifest.js';
import { MODELS_FOLDER } from '../../models/package-files.js';
import { adviseOn, expectationOf } from './advice.js';
import { nameOfWord, type OwnWordConfig } from './config.js';
import { longerPhrases, nearTo } from './near-to.js';
import { PhoneInventory } from './phones.js';
import { Pronouncer, type Pronunciation } from './pronunciations.js';
import { nearOf } from './spelt.js';

/** A word that somebody thinks of. */
export interface WordAsked {
  /** As it is spelt. */
  readonly say: string;
  /** How it is said, in IPA; none: as its spelling says. */
  readonly ipa: readonly string[];
  /** How it is said, in words that are spelt as they sound; counts beside `ipa`. */
  readonly soundsLike?: string;
}

const NOTHING_NEAR: WordOutlook['near'] = { everyday: [], own: [] };

/**
 * Says how a word is said and what to expect of it.
 * @param words that are listened for, among which near ones are looked for; null: what is near is not told,
 * which takes most of the time.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `WORD_UNSAYABLE` for letters or IPA that nobody knows to say.
 */
export function reportOn(
  asked: WordAsked,
  words: readonly (string | OwnWordConfig)[] | null,
): Promise<WordOutlook> {
  const { say } = asked;
  return withWays(asked, async (ways, place) => {
    const { inventory } = place;
    const advice = adviseOn(ways, inventory);
    const alike = nearOf(
      say,
      ways.map(({ phones }) => phones),
      place,
    );
    return {
      name: nameOfWord({ say }),
      ways: ways.map(({ phones, basis }) => ({ ipa: inventory.text(phones), basis })),
      expected: expectationOf(ways, alike, inventory),
      ...advice,
      longer: advice.verdict === 'refuse' ? await longerPhrases(say, place) : [],
      near: words === null ? NOTHING_NEAR : await nearTo(say, ways, { ...place, words }),
    };
  });
}

/**
 * What else may wake a word, of English and of the words that are listened for.
 * @throws CatnapError as {@link reportOn}.
 */
export function nearOn(
  asked: WordAsked,
  words: readonly (string | OwnWordConfig)[],
): Promise<WordOutlook['near']> {
  return withWays(asked, (ways, place) => nearTo(asked.say, ways, { ...place, words }));
}

interface Place {
  readonly inventory: PhoneInventory;
  readonly pronouncer: Pronouncer;
}

/** Finds out how a word is said, and makes something of it. */
async function withWays<Made>(
  { say, ipa, soundsLike }: WordAsked,
  make: (ways: readonly Pronunciation[], place: Place) => Promise<Made>,
): Promise<Made> {
  const inventory = new PhoneInventory(shippedModel('phones').manifest.labels);
  const pronouncer = new Pronouncer(`${MODELS_FOLDER}spelling`, inventory);
  try {
    const given = ipa.map((each): Pronunciation => ({ phones: inventory.parse(each), basis: 'given' }));
    const alike = soundsLike === undefined ? [] : await pronouncer.ways(soundsLike);
    const told = [...given, ...alike.map(({ phones }) => ({ phones, basis: 'given' as const }))];
    return await make(told.length > 0 ? told : await pronouncer.ways(say), { inventory, pronouncer });
  } finally {
    await pronouncer.dispose();
  }
}

/** Why a word is not taken, and what would be. */
export function refusalOf(say: string, { because, longer }: WordOutlook): string {
  const better = longer.length === 0 ? 'another one' : longer.map((each) => `"${each}"`).join(' or ');
  return `"${say}": ${because.join('; ')}; take ${better}`;
}
