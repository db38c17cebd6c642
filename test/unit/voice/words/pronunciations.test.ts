import { afterAll, describe, expect, it } from 'vitest';
import { shippedModel } from '../../../../src/models/manifest.js';
import { PhoneInventory } from '../../../../src/voice/words/phones.js';
import { Pronouncer } from '../../../../src/voice/words/pronunciations.js';
import { root } from '../../../support/tools.js';

const inventory = new PhoneInventory(shippedModel('phones').manifest.labels);
const pronouncer = new Pronouncer(`${root}models/spelling`, inventory);
afterAll(() => pronouncer.dispose());

const said = async (phrase: string) =>
  (await pronouncer.ways(phrase)).map(({ phones, basis }) => [inventory.text(phones), basis]);

describe('how a phrase is said', () => {
  it('stands in the dictionary, in every way that it has', async () => {
    expect(await said('hey pumpkin')).toEqual([
      ['h eɪ p ʌ m k ɪ n', 'dictionary'],
      ['h eɪ p ʌ m p k ɪ n', 'dictionary'],
    ]);
  });

  it('is told by a network where the dictionary has no such word', async () => {
    expect(await said('kätzchen')).toEqual([['k ɛ t s ç ə n', 'network']]);
  });

  it('is told once where dictionary and network say the same', async () => {
    expect(await said('Jürgen')).toEqual([['d͡ʒ ɝ g ə n', 'dictionary']]);
  });

  it('has a British way where that sounds otherwise', async () => {
    expect(await said('computer')).toEqual([
      ['k ə m p j u t ɝ', 'dictionary'],
      ['k ə m p j u t ə', 'british'],
    ]);
  });

  it.each([
    ['digits as the words they are read as', 'hal 9000', 'h æ l n aɪ n θ aʊ z ə n d'],
    ['years in pairs', '1984', 'n aɪ n t i n eɪ t i f ɔ ɹ'],
    ['digits one by one', 'agent 007', 'eɪ d͡ʒ ə n t z i ɹ oʊ z i ɹ oʊ s ɛ v ə n'],
    ['letters among digits by their names', 'R2-D2', 'ɑ ɹ t u d i t u'],
    ['signs as words', 'rock & roll', 'ɹ ɑ k æ n d ɹ oʊ l'],
    ['words beside a hyphen', 'kitchen-lamp', 'k ɪ t͡ʃ ə n l æ m p'],
    ['what has no vowel letter by letter', 'brb bot', 'b i ɑ ɹ b i b ɔ t'],
    ['a typographic apostrophe', 'don’t', 'd oʊ n t'],
    ['punctuation left out', 'hey, pumpkin!', 'h eɪ p ʌ m p k ɪ n'],
    ['what English took over', 'José', 'h oʊ z eɪ'],
    ['a name of no language as English says it', 'hey pum', 'h eɪ p ʌ m'],
    ['letters that nobody taught the network', 'Łukasz', 'l u k ɑ ʃ'],
    ['ordinals', '22nd street', 't w ɛ n t i s ɛ k ə n d s t ɹ i t'],
    ['ordinals of tens', '30th bot', 'θ ɝ t i ə θ b ɔ t'],
    ['an abbreviation that is no word by its letters', 'HDMI', 'eɪ t͡ʃ d i ɛ m aɪ'],
    ['an abbreviation that is one as a word', 'NASA', 'n æ s ə'],
    ['titles', 'Dr. Watson', 'd ɑ k t ɝ w ɑ t s ə n'],
    ['what stands between blanks and is nothing to say', 'hey - bob', 'h eɪ b ɑ b'],
    ['a long word to its end', 'Lebensversicherung', 'l e b m s f ɛ ɐ z ɪ ç ə ɹ ʊ ŋ'],
    [
      'what is too long to be said at once, all of it',
      'Straßenbahnhaltestelle',
      'ʃ t ɹ a s n b a n h a l t ə s t ɛ l ə',
    ],
  ])('reads %s', async (_, phrase, way) => {
    expect((await said(phrase)).map(([ipa]) => ipa)).toContain(way);
  });

  it('is not looked for in a word without end', async () => {
    await expect(said('ba'.repeat(31))).rejects.toThrow(
      'expected at most 60 letters, found 62; say it in IPA',
    );
  });

  it.each(['Привет', 'مرحبا', 'hey مرحبا', '🎃'])(
    'is not known of %s, which says so by a code',
    async (phrase) => {
      await expect(said(phrase)).rejects.toMatchObject({ code: 'WORD_UNSAYABLE' });
    },
  );

  it('is asked for in IPA where letters are of another script', async () => {
    await expect(said('ねこ')).rejects.toThrow(
      'word "ねこ": expected Latin letters, found "ね"; say it in IPA, or record it unspelt',
    );
  });
});

describe('a pronunciation in IPA', () => {
  it.each([
    ['həˈləʊ wɜːld', 'h ə l oʊ w ɝ l d'],
    ['dʒɑːvɪs', 'd͡ʒ ɑ v ɪ s'],
    ['k ɛ t s ç ə n', 'k ɛ t s ç ə n'],
    ['ɡɔːdən', 'g ɔ d ə n'],
    ['ɡ ɔ d ə n', 'g ɔ d ə n'],
    ['wɔtɚ', 'w ɔ t ɝ'],
    ['n a i ̯ β̞ e', 'n a i β e'],
    ['ma˥ma˩', 'm a m a'],
  ])('of %s is read with or without marks and spaces', (ipa, phones) => {
    expect(inventory.text(inventory.parse(ipa))).toBe(phones);
  });

  it('of something else is refused by name', () => {
    expect(() => inventory.parse('həlX')).toThrow('pronunciation "həlX": expected IPA, found "X"');
  });
});
