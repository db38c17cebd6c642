import { readTokens } from '../stages/moonshine/tokens.js';
import { adviseOn } from './advice.js';
import type { OwnWordConfig } from './config.js';
import { type NearWord, nearWords, type Spoken } from './near.js';
import { type EverydayWord, nearPhrases } from './near-phrases.js';
import type { PhoneInventory } from './phones.js';
import type { Pronouncer, Pronunciation } from './pronunciations.js';

/** What else may wake a word. */
export interface Near {
  /** Words and phrases of English, the nearest first. */
  readonly everyday: readonly NearWord[];
  /** Words that are listened for, and hold this one, are held by it, or sound like it. */
  readonly own: readonly NearWord[];
}

const MOST = 3;
const MOST_EVERYDAY = 4;
/** Ways to say it that phrases are looked for by. */
const MOST_SEARCHED = 2;
/** Of words of three letters and fewer, those that people say: the others are names, abbreviations and pieces. */
const SMALL = new Set(
  'a an and any are as at be big but buy by can car day did do eat end far few for get go got had has have he her hey hi him his hot how i if in is it its let man may me men my new no not now of off oh old on one or our out own pay put run say see she sit so sun ten the to too top try two up us use war was way we who why win yes yet you'.split(
    ' ',
  ),
);
/** Calls that make a short word longer. */
const CALLS = ['hey', 'okay', 'hello'];

/** What sounds like a phrase, of the dictionary and of the words that a cascade listens for. */
export async function nearTo(
  phrase: string,
  ways: readonly Pronunciation[],
  { inventory, pronouncer, words }: NearPlace,
): Promise<Near> {
  const said = phrase.trim().toLowerCase();
  const asked = { inventory, said, most: MOST };
  const [way] = ways;
  if (way === undefined) return { everyday: [], own: [] };
  const own: NearWord[] = [];
  for (const other of await spokenOf(words, pronouncer)) {
    // The shorter one is looked for in the longer.
    const [short, long] = [way, other].sort((a, b) => a.phones.length - b.phones.length);
    if (short === undefined || long === undefined) continue;
    const found = nearWords(short.phones, [{ text: other.text, phones: long.phones }], asked);
    if (own.every(({ text }) => text !== other.text)) own.push(...found);
  }
  const spoken = [...others(pronouncer.spoken(), said)];
  const common = everydayOf(spoken);
  const phrases = ways.slice(0, MOST_SEARCHED).flatMap(({ phones }) => nearPhrases(phones, common, asked));
  const near = [...nearWords(way.phones, spoken, asked), ...phrases].sort((a, b) => a.distance - b.distance);
  const texts = near.map(({ text }) => text);
  const everyday = near.filter(({ text }, at) => texts.indexOf(text) === at).slice(0, MOST_EVERYDAY);
  return { everyday, own };
}

/** Those that people say every day: the recogniser has a token for each. */
function everydayOf(spoken: readonly Spoken[]): readonly EverydayWord[] {
  const rarities = readTokens().words();
  return spoken.flatMap((word): readonly EverydayWord[] => {
    const rarity = rarities.get(word.text);
    const isSaid = word.text.length > 3 || SMALL.has(word.text);
    return rarity === undefined || !isSaid ? [] : [{ ...word, rarity }];
  });
}

interface NearPlace {
  readonly inventory: PhoneInventory;
  readonly pronouncer: Pronouncer;
  /** Those that are listened for. */
  readonly words: readonly (string | OwnWordConfig)[];
}

/** Words in letters that are no other form of what is said. */
function* others(spoken: Iterable<Spoken>, said: string): Iterable<Spoken> {
  for (const each of spoken) if (/^\p{L}+$/u.test(each.text) && !each.text.includes(said)) yield each;
}

async function spokenOf(words: NearPlace['words'], pronouncer: Pronouncer): Promise<readonly Spoken[]> {
  const spoken: Spoken[] = [];
  for (const word of words) {
    const text = typeof word === 'string' ? word.replaceAll('_', ' ') : 'say' in word ? word.say : null;
    if (text === null) continue;
    for (const { phones } of await pronouncer.ways(text)) spoken.push({ text, phones });
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
