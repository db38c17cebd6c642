import { expect, it } from 'vitest';
import { nearPhrases } from '../../../../src/voice/words/near-phrases.js';
import { PhoneInventory } from '../../../../src/voice/words/phones.js';

const inventory = new PhoneInventory([...'heɪpʌmkntəbosz', '<blank>']);
const everyday = [
  ['hey', 'heɪ'],
  ['a', 'eɪ'],
  ['pump', 'pʌmp'],
  ['pumps', 'pʌmps'],
  ['punk', 'pʌnk'],
  ['pumpkin', 'pʌmpkɪn'],
  ['in', 'ɪn'],
  ['sat', 'set'],
] as const;

function near(said: string, ipa: string) {
  const spoken = everyday.map(([text, phones]) => ({ text, phones: inventory.parse(phones), rarity: 0 }));
  return nearPhrases(inventory.parse(ipa), spoken, { inventory, said, most: 4 }).map(({ text }) => text);
}

it('is phrases that hold a word between them, from within their first word to within their last', () => {
  expect(near('hey pum', 'heɪpʌm')).toEqual(['hey pump', 'a pumpkin', 'a punk']);
});

it('is phrases that lack sounds of the word that people leave out, or have another stop, and none with the word in it', () => {
  expect(near('hey pumpkin', 'heɪpʌmkɪn')).toEqual(['hey punk in', 'a pumpkin', 'a pump in']);
});

it('tells of phrases that have a word in common the nearest alone', () => {
  const found = near('pumpin', 'pʌmpɪn');
  expect(found).toContain('pump in');
  expect(found).not.toContain('pumps in');
});

it('is nothing where nothing is alike', () => {
  expect(near('toboz', 'tobos')).toEqual([]);
});
