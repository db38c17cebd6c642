import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CatnapError } from '../../core/errors.js';
import type { WordOutlook } from '../../core/word-outlook.js';
import { Dictionary } from './dictionary.js';
import type { Spoken } from './near.js';
import type { EverydayWord } from './near-phrases.js';
import type { PhoneInventory, Phones } from './phones.js';
import { plainWord, readingsOf, withoutMarks } from './plain-words.js';
import { SpellingNetwork } from './spelling.js';

/** One way a phrase is said, and who says so. */
export interface Pronunciation {
  readonly phones: Phones;
  readonly basis: WordOutlook['ways'][number]['basis'];
}

/** A way in IPA. */
interface Said {
  readonly ipa: string;
  readonly basis: Pronunciation['basis'];
}

/** Most ways that are kept of one phrase; each costs the search a little. */
const MOST_WAYS = 8;

/**
 * How British English says what the dictionary, which is American, has (Wells, Accents of English, 1982): no r but
 * before a vowel, and the vowel before it changed.
 */
const BRITISH: readonly (readonly [american: RegExp, british: string])[] = [
  [/ɪ ɹ(?! [ɑæəʌɔaɛeɪioʊuɝ])/gu, 'ɪə'],
  [/ɛ ɹ(?! [ɑæəʌɔaɛeɪioʊuɝ])/gu, 'eə'],
  [/ʊ ɹ(?! [ɑæəʌɔaɛeɪioʊuɝ])/gu, 'ʊ ə'],
  [/([ɑɔ]) ɹ(?! [ɑæəʌɔaɛeɪioʊuɝ])/gu, '$1'],
  [/ɝ$/gu, 'ə'],
  [/ɝ (?=[ɑæəʌɔaɛeɪioʊu])/gu, 'ə ɹ '],
];

/** Said by the names of its letters, or as a word. */
const ABBREVIATION = /^[A-Z]{2,5}$/u;

/** Tells how phrases are said: by the dictionary, and by a network where it has no such word. */
export class Pronouncer {
  #network: SpellingNetwork | null = null;
  readonly #dictionary: Dictionary;
  /** Of every word that is asked about, the same. */
  #everyday: readonly EverydayWord[] | null = null;

  /**
   * @param folder of the spelling network, `dictionary.txt.gz` and `everyday.txt.gz`.
   * @throws CatnapError `MODEL_MISSING`.
   */
  constructor(
    private readonly folder: string,
    private readonly inventory: PhoneInventory,
  ) {
    this.#dictionary = new Dictionary(this.#read('dictionary.txt.gz'));
  }

  /**
   * Ways to say a phrase of Latin letters, the likeliest first.
   * @throws CatnapError `WORD_UNSAYABLE` for letters that nobody knows to say.
   */
  async ways(phrase: string): Promise<readonly Pronunciation[]> {
    const ways = await this.#phrase(phrase);
    const british = ways.map(({ ipa }) => ({ ipa: asBritish(ipa), basis: 'british' as const }));
    // One way may be written in several, as d͡ʒ and dʒ.
    const distinct = new Map<string, Pronunciation>();
    for (const { ipa, basis } of [...ways, ...british]) {
      const phones = this.inventory.parse(ipa);
      const text = this.inventory.text(phones);
      if (!distinct.has(text)) distinct.set(text, { phones, basis });
    }
    return [...distinct.values()].slice(0, MOST_WAYS);
  }

  /** Every word of the dictionary with its ways. */
  *spoken(): Iterable<Spoken> {
    for (const [text, ipa] of this.#dictionary.entries()) yield { text, phones: this.inventory.parse(ipa) };
  }

  /**
   * The commonest words of everyday speech with their ways.
   * @throws CatnapError `MODEL_MISSING`.
   */
  everyday(): readonly EverydayWord[] {
    this.#everyday ??= [...this.#commonest()];
    return this.#everyday;
  }

  async dispose(): Promise<void> {
    await this.#network?.dispose();
    this.#network = null;
  }

  *#commonest(): Iterable<EverydayWord> {
    const levels = this.#read('everyday.txt.gz').toString().trim().split('\n\n');
    for (const [level, words] of levels.entries())
      for (const text of words.split('\n'))
        for (const ipa of this.#dictionary.find(text))
          yield { text, phones: this.inventory.parse(ipa), rarity: level / levels.length };
  }

  #read(file: string): Buffer {
    const path = resolve(this.folder, file);
    try {
      return gunzipSync(readFileSync(path));
    } catch (cause) {
      throw new CatnapError('MODEL_MISSING', `dictionary: expected a readable file at ${path}`, { cause });
    }
  }

  async #phrase(phrase: string): Promise<readonly Said[]> {
    let ways: readonly Said[] = [{ ipa: '', basis: 'dictionary' }];
    const words = phrase.trim().split(/[\s_]+/u);
    const sayable = words.filter((word) => plainWord(word) !== '');
    for (const word of sayable.length > 0 ? sayable : words) {
      const said = await this.#word(word);
      ways = ways
        .flatMap((way) =>
          said.map(({ ipa, basis }) => ({
            ipa: `${way.ipa} ${ipa}`.trim(),
            basis: way.basis === 'network' ? way.basis : basis,
          })),
        )
        .slice(0, MOST_WAYS);
    }
    return ways;
  }

  async #word(typed: string): Promise<readonly Said[]> {
    const word = plainWord(typed);
    const known = [typed, word].map((each) => this.#known(each)).find((ways) => ways.length > 0);
    if (known !== undefined) return known;
    const readings = readingsOf(word);
    // None goes without a way of its own.
    const each = Math.max(1, Math.floor(MOST_WAYS / Math.max(1, readings.length)));
    const read: Said[] = [];
    for (const reading of readings) read.push(...(await this.#phrase(reading)).slice(0, each));
    if (read.length > 0) return read;
    if (/^[b-df-hj-np-tv-xz]{2,}$/iu.test(word)) return this.#phrase([...word].join(' '));
    const byName = ABBREVIATION.test(word) ? await this.#phrase([...word].join(' ')) : [];
    // What English took over is said as English says it, or as it was.
    const guessed = await this.#guessed(word === '' ? typed : word);
    return [...byName, ...this.#known(withoutMarks(word)), ...guessed];
  }

  #known(word: string): readonly Said[] {
    return this.#dictionary.find(word).map((ipa) => ({ ipa, basis: 'dictionary' }));
  }

  async #guessed(word: string): Promise<readonly Said[]> {
    this.#network ??= await SpellingNetwork.load(this.folder);
    const phones = (await this.#network.phonesOf(word)).filter((phone) => phone !== '͡');
    const ways = new Set([phones, asEnglish(phones)].map((way) => way.join(' ')));
    return [...ways].map((ipa) => ({ ipa, basis: 'network' }));
  }
}

/**
 * Sounds that English speakers put in the place of those that they do not have (Wells). The network was taught many
 * languages, and takes a name of none for one of any.
 */
const ENGLISH: Readonly<Record<string, string>> = {
  ...{ ã: 'æ', ẽ: 'ɛ', ĩ: 'ɪ', õ: 'ɑ', ũ: 'ʌ' },
  ...{ r: 'ɹ', ʁ: 'ɹ', ʀ: 'ɹ', ɾ: 'ɹ' },
};

function asEnglish(phones: readonly string[]): readonly string[] {
  return phones.flatMap((phone) => (/^[\p{M}\p{Lm}]+$/u.test(phone) ? [] : [ENGLISH[phone] ?? phone]));
}

function asBritish(ipa: string): string {
  return BRITISH.reduce((text, [american, british]) => text.replace(american, british), ipa);
}
