import { expect, it } from 'vitest';
import { countNear, nearWords } from '../../../../src/voice/words/near.js';
import { PhoneInventory } from '../../../../src/voice/words/phones.js';

const inventory = new PhoneInventory(['k', 'æ', 't', 'd', 'm', 's', 'i', '<blank>']);

function near(target: string, ...spoken: readonly string[]) {
  const words = spoken.map((text) => ({ text, phones: inventory.parse(text) }));
  return nearWords(inventory.parse(target), words, { inventory, said: target, most: 3 });
}

it('is what holds the word, then what differs in a sound that is taken for one of its own', () => {
  expect(near('kætmi', 'sikætmid', 'kædmi', 'sims', 'kætmi').map(({ text }) => text)).toEqual([
    'sikætmid',
    'kædmi',
  ]);
});

it('tells how far each is, by sound', () => {
  const [{ distance } = { distance: 1 }] = near('kætmi', 'kædmi');
  expect(distance).toBeCloseTo(0.07, 2);
});

it('is nothing where nothing is alike', () => {
  expect(near('kætmi', 'sis', 'mimimi')).toEqual([]);
});

it('counts each word once, however many ways it is said, and not the word itself', () => {
  const spoken = ['kætmi', 'sikætmid', 'sikætmid', 'kædmi', 'sims'].map((text) => ({
    text,
    phones: inventory.parse(text),
  }));
  expect(countNear(inventory.parse('kætmi'), spoken, { inventory, said: 'kætmi' })).toBe(2);
});
