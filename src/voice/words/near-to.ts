import type { NearWord, WordOutlook } from '../../core/word-outlook.js';
import { adviseOn } from './advice.js';
import type { OwnWordConfig } from './config.js';
import { nearWords, type Spoken } from './near.js';
import { isAlike, nearPhrases } from './near-phrases.js';
import type { PhoneInventory } from './phones.js';
import type { Pronouncer, Pronunciation } from './pronunciations.js';
import { waysOf } from './spelt.js';

const MOST = 3;
const MOST_EVERYDAY = 4;
/** Ways to say it that phrases are looked for by. */
const MOST_SEARCHED = 2;
/** Calls that make a short word longer. */
const CALLS = ['hey', 'okay', 'hello'];

/** What sounds like a phrase, of the dictionary and of the words that a cascade listens for. */
export async function nearTo(
  phrase: string,
  ways: readonly Pronunciation[],
  place: NearPlace,
): Promise<WordOutlook['near']> {
  const { inventory, pronouncer } = place;
  // The dictionary has names without their signs.
  const said = phrase.trim().toLowerCase().replaceAll(/['’]/gu, '');
  const asked = { inventory, said, most: MOST };
  const [way] = ways;
  if (way === undefined) return { everyday: [], own: [] };
  const own: NearWord[] = [];
  for (const other of await spokenOf(place)) {
    // The shorter one is looked for in the longer.
    const [short, long] = [way, other].sort((a, b) => a.phones.length - b.phones.length);
    if (short === undefined || long === undefined) continue;
    const found = nearWords(short.phones, [{ text: other.text, phones: long.phones }], asked);
    if (own.every(({ text }) => text !== other.text)) own.push(...found);
  }
  const parts = said.split(/\s+/u);
  // Of words that sound the same the first is told: rather the one that was typed.
  const common = [...others(pronouncer.everyday(), said)].sort(
    (a, b) => Number(parts.includes(b.text)) - Number(parts.includes(a.text)),
  );
  const alike = nearWords(way.phones, others(pronouncer.spoken(), said), asked);
  const phrases = ways.slice(0, MOST_SEARCHED).flatMap(({ phones }) => nearPhrases(phones, common, asked));
  const everyday: NearWord[] = [];
  for (const near of [...alike, ...phrases].sort((a, b) => a.distance - b.distance))
    if (!everyday.some(({ text }) => text === near.text || isAlike(text, near.text))) everyday.push(near);
  return { everyday: everyday.slice(0, MOST_EVERYDAY), own };
}

interface NearPlace {
  readonly inventory: PhoneInventory;
  readonly pronouncer: Pronouncer;
  /** Those that are listened for. */
  readonly words: readonly (string | OwnWordConfig)[];
}

/** Words in letters that are no other form of what is said. */
function* others<Each extends Spoken>(spoken: Iterable<Each>, said: string): Iterable<Each> {
  for (const each of spoken) if (/^\p{L}+$/u.test(each.text) && !each.text.includes(said)) yield each;
}

async function spokenOf({ words, ...place }: NearPlace): Promise<readonly Spoken[]> {
  const spoken: Spoken[] = [];
  for (const word of words) {
    const known = typeof word === 'string' ? { say: word.replaceAll('_', ' ') } : word;
    if (!('say' in known)) continue;
    const ipa = 'ipa' in known ? known.ipa : undefined;
    for (const phones of await waysOf(known.say, ipa ?? [], place)) spoken.push({ text: known.say, phones });
  }
  return spoken;
}

/** Longer phrases with the same word in them, of those that would be taken. */
export async function longerPhrases(
  phrase: string,
  { inventory, pronouncer }: Pick<NearPlace, 'inventory' | 'pronouncer'>,
): Promise<readonly string[]> {
  const better: string[] = [];
  for (const call of CALLS) {
    const longer = `${call} ${phrase.trim()}`;
    if (adviseOn(await pronouncer.ways(longer), inventory).verdict !== 'refuse') better.push(longer);
  }
  return better;
}
