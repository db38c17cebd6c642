import { countNear } from './near.js';
import type { OwnWord } from './own-word.js';
import type { PhoneInventory, Phones } from './phones.js';
import type { Pronouncer } from './pronunciations.js';

interface Place {
  readonly inventory: PhoneInventory;
  readonly pronouncer: Pronouncer;
}

/**
 * The ways in which a typed word is said.
 * @param ipa how it is said; none: as its spelling says.
 * @throws CatnapError `MODEL_MISSING`; `WORD_UNSAYABLE` for letters or IPA that nobody knows to say.
 */
export async function waysOf(
  say: string,
  ipa: readonly string[],
  { inventory, pronouncer }: Place,
): Promise<readonly Phones[]> {
  if (ipa.length > 0) return ipa.map((each) => inventory.parse(each));
  return (await pronouncer.ways(say)).map(({ phones }) => phones);
}

/**
 * How a typed word is said, and how much of everyday speech sounds like it.
 * @param ipa how it is said; none: as its spelling says.
 * @throws CatnapError `MODEL_MISSING`; `WORD_UNSAYABLE` for letters or IPA that nobody knows to say.
 */
export async function speltWord(
  say: string,
  ipa: readonly string[],
  place: Place,
): Promise<Pick<OwnWord, 'ways' | 'near'>> {
  const ways = await waysOf(say, ipa, place);
  return { ways, near: nearOf(say, ways, place) };
}

/** How many everyday words hold what sounds much like a phrase, as it is most likely said. */
export function nearOf(say: string, [way = []]: readonly Phones[], { inventory, pronouncer }: Place): number {
  return countNear(way, pronouncer.everyday(), { inventory, said: say.trim().toLowerCase() });
}
