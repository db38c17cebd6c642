import { countNear } from './near.js';
import type { OwnWord } from './own-word.js';
import type { PhoneInventory, Phones } from './phones.js';
import type { Pronouncer } from './pronunciations.js';

/**
 * How a typed word is said, and how much of everyday speech sounds like it.
 * @param ipa how it is said; none: as its spelling says.
 * @throws CatnapError `MODEL_MISSING`; `USAGE` for letters or IPA that nobody knows to say.
 */
export async function speltWord(
  say: string,
  ipa: readonly string[],
  { inventory, pronouncer }: { readonly inventory: PhoneInventory; readonly pronouncer: Pronouncer },
): Promise<Pick<OwnWord, 'ways' | 'near'>> {
  const given = ipa.map((each) => inventory.parse(each));
  const ways = given.length > 0 ? given : (await pronouncer.ways(say)).map(({ phones }) => phones);
  return { ways, near: nearOf(say, ways, { inventory, pronouncer }) };
}

/** How many everyday words hold what sounds much like a phrase, as it is most likely said. */
export function nearOf(
  say: string,
  [way = []]: readonly Phones[],
  { inventory, pronouncer }: { readonly inventory: PhoneInventory; readonly pronouncer: Pronouncer },
): number {
  return countNear(way, pronouncer.everyday(), { inventory, said: say.trim().toLowerCase() });
}
