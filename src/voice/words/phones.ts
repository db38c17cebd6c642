import { CatnapError } from '../../core/errors.js';

/** A word as it is said: indices into the labels of the phone network. */
export type Phones = readonly number[];

/** What marks stress, length and syllables in IPA and is nothing the network hears. */
const MARKS = /[ˈˌːˑ.|\s‿]|\u0361/gu;

/** Spellings of dictionaries and people for phones that the network writes otherwise. */
const ALIASES: readonly (readonly [written: string, heard: string])[] = [
  ['tʃ', 't͡ʃ'],
  ['dʒ', 'd͡ʒ'],
  ['ts', 't s'],
  ['əʊ', 'oʊ'],
  ['ɜː', 'ɝ'],
  ['ɜ˞', 'ɝ'],
  ['ə˞', 'ɚ'],
  ['eɪ', 'eɪ'],
  ['aɪ', 'aɪ'],
  ['aʊ', 'aʊ'],
  ['ɔɪ', 'ɔɪ'],
  ['oʊ', 'oʊ'],
  ['ɪə', 'ɪə'],
  ['eə', 'eə'],
  ['r', 'ɹ'],
];

/** Names that the network has and does not say of English speech, and what it says in their place. */
const UNHEARD: Readonly<Record<string, string>> = { ɡ: 'g', ɚ: 'ɝ', ɜ: 'ɝ' };

/**
 * Phones that people, and the network, take for one another: the same place or the same sound with and without voice,
 * vowels side by side in the vowel chart (IPA, 2020).
 */
const ALIKE: readonly string[] = [
  'ə ʌ ɐ ɜ ɝ ɚ ɘ ɪ',
  'i ɪ j',
  'u ʊ ʉ ju',
  'ɛ e æ eɪ eə',
  'ɑ ɒ ɔ a o oʊ',
  't d ɾ',
  'k ɡ g x',
  'p b',
  's z',
  'f v θ',
  'ʃ ʒ t͡ʃ d͡ʒ',
  'θ ð',
  'l ɫ',
  'ɹ r ɻ ɝ ɚ ɾ',
  'm n ŋ',
  'w v ʋ',
  'aɪ a ɪ',
  'aʊ a ʊ',
  'ɔɪ ɔ',
];

/**
 * What people of other accents and languages say in place of a phone, beside what is taken for it: a full vowel for a
 * weak one, tense and lax vowels for each other, b for v, t for th (Wells, Accents of English, 1982; Swan and Smith,
 * Learner English, 2001). Those of theirs that 1 to 10% of such phones were heard as, aligned, in 787 recordings of
 * words and phrases, or that are as common by what they say.
 */
const ACCENTED: Readonly<Record<string, string>> = {
  ə: 'ɛ oʊ o æ a ɑ',
  ɪ: 'ɛ eɪ',
  ɛ: 'ɪ',
  ʌ: 'ɑ a ɔ',
  æ: 'ɑ a',
  ɝ: 'o oʊ ɔ',
  u: 'ə',
  ʊ: 'oʊ ʌ',
  oʊ: 'ʊ',
  ɔɪ: 'oʊ',
  v: 'b',
  b: 'v w',
  θ: 't s',
  ð: 'd z',
  p: 'f',
  t͡ʃ: 't',
  d͡ʒ: 'j',
  ʃ: 's',
};

/** The phones a network knows, by name. */
export class PhoneInventory {
  readonly blank: number;
  /** The network's mark between two words; null where it has none. */
  readonly wordBreak: number | null;
  readonly #index: ReadonlyMap<string, number>;
  readonly #longest: readonly string[];
  readonly #alike: readonly (readonly number[])[];
  readonly #accented: readonly (readonly number[])[];

  /**
   * @param labels names of the network's outputs, in order; `<blank>` among them.
   * @throws CatnapError `MODEL_SHAPE` where there is no `<blank>`.
   */
  constructor(readonly labels: readonly string[]) {
    this.#index = new Map(labels.map((label, index) => [label, index]));
    const blank = this.#index.get('<blank>');
    if (blank === undefined)
      throw new CatnapError('MODEL_SHAPE', 'phone network: expected a label <blank>, found none');
    this.blank = blank;
    this.wordBreak = this.#index.get('<wb>') ?? null;
    const named = labels.filter((label) => /^[^<\s]*\p{L}[^\s]*$/u.test(label));
    this.#longest = named.sort((a, b) => b.length - a.length);
    this.#alike = labels.map((label) => this.#neighbours(label));
    this.#accented = labels.map((label, phone) => [
      ...new Set([...this.alike(phone), ...this.#indicesOf((ACCENTED[label] ?? '').split(' '))]),
    ]);
  }

  /** Phones that are taken for this one, without itself. */
  alike(phone: number): readonly number[] {
    return this.#alike[phone] ?? [];
  }

  /** Phones that it is taken for or said as by people of any accent, without itself. */
  accented(phone: number): readonly number[] {
    return this.#accented[phone] ?? [];
  }

  /**
   * Reads IPA, with or without spaces and stress marks.
   * @throws CatnapError `WORD_UNSAYABLE` naming what is no phone of the network.
   */
  parse(ipa: string): Phones {
    const phones: number[] = [];
    for (const part of ipa.split(/\s+/u)) this.#parsePart(part, ipa, phones);
    if (phones.length === 0)
      throw new CatnapError('WORD_UNSAYABLE', `pronunciation "${ipa}": expected IPA, found nothing`);
    return phones;
  }

  /** The same in IPA, phones apart. */
  text(phones: Phones): string {
    return phones.map((phone) => this.labels[phone]).join(' ');
  }

  /** How long a pronunciation is: both halves of a diphthong or an affricate count. */
  soundsOf(phones: Phones): number {
    return phones.reduce(
      (sum, phone) => sum + [...(this.labels[phone] ?? '').replaceAll(MARKS, '')].length,
      0,
    );
  }

  #parsePart(part: string, whole: string, phones: number[]): void {
    const tied = /\p{L}/u.test(part) ? this.#indexOf(part) : undefined;
    if (tied !== undefined) {
      phones.push(tied);
      return;
    }
    let rest = part.replace(MARKS, '');
    while (rest !== '') {
      const found = this.#first(rest) ?? skipped(rest);
      if (found === null)
        throw new CatnapError(
          'WORD_UNSAYABLE',
          `pronunciation "${whole}": expected IPA, found "${[...rest][0]}"`,
        );
      phones.push(...found.phones);
      rest = rest.slice(found.length);
    }
  }

  /** The longest phone that a text begins with, by its own name or one of its aliases. */
  #first(text: string): Found | null {
    for (const [written, heard] of ALIASES) {
      if (!text.startsWith(written)) continue;
      const phones = heard.split(' ').map((name) => this.#indexOf(name));
      if (phones.every((phone) => phone !== undefined)) return { phones, length: written.length };
    }
    for (const label of this.#longest) {
      const plain = label.replace(MARKS, '');
      const index = this.#indexOf(label);
      if (plain !== '' && index !== undefined && text.startsWith(plain))
        return { phones: [index], length: plain.length };
    }
    return null;
  }

  #indexOf(name: string): number | undefined {
    return this.#index.get(UNHEARD[name] ?? name) ?? this.#index.get(name);
  }

  #neighbours(label: string): readonly number[] {
    const groups = ALIKE.map((group) => group.split(' ')).filter((group) => group.includes(label));
    const names = new Set(groups.flat());
    names.delete(label);
    return this.#indicesOf([...names]);
  }

  #indicesOf(names: readonly string[]): readonly number[] {
    return names.map((name) => this.#index.get(name)).filter((index) => index !== undefined);
  }
}

/** Phones that a text begins with, and how much of it they take. */
interface Found {
  readonly phones: Phones;
  readonly length: number;
}

/** A sign that only shades the sound before it, as its tone, or that it is no syllable; null for a sound. */
function skipped(text: string): Found | null {
  const [sign = ''] = text.match(/^[\p{M}\p{Sk}]/u) ?? [];
  return sign === '' ? null : { phones: [], length: sign.length };
}
