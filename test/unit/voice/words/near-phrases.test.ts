import { expect, it } from 'vitest';
import { nearPhrases } from '../../../../src/voice/words/near-phrases.js';
import { PhoneInventory } from '../../../../src/voice/words/phones.js';

const inventory = new PhoneInventory([...'heɪpʌmkntəbosz', '<blank>']);
const everyday = [
  ['hey', 'heɪ'],
  ['a', 'eɪ'],
  ['pump', 'pʌmp'],
  ['pumpkin', 'pʌmpkɪn'],
  ['in', 'ɪn'],
  ['sat', 'set'],
] as const;

function near(said: string, ipa: string) {
  const spoken = everyday.map(([text, phones]) => ({ text, phones: inventory.parse(phones), rarity: 0 }));
  return nearPhrases(inventory.parse(ipa), spoken, { inventory, said, most: 4 }).map(({ text }) => text);
}

it('is phrases that hold a word between them, from within their first word to within their last', () => {
  expect(near('hey pum', 'heɪpʌm')).toEqual(expect.arrayContaining(['hey pump', 'a pumpkin']));
});

it('is phrases that lack a sound of the word, and none with the word itself in it', () => {
  const found = near('hey pumpkin', 'heɪpʌmpkɪn');
  expect(found).toEqual(expect.arrayContaining(['a pumpkin', 'hey pump in']));
  expect(found).not.toContain('hey pumpkin');
});

it('is nothing where nothing is alike', () => {
  expect(near('toboz', 'tobos')).toEqual([]);
});
