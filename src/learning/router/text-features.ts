import { hashOf } from '../../core/random.js';

/** A text as a router sees it: how it is built, and which words it has. */
export interface TextFeatures {
  /** One figure a name of {@link SHAPE_NAMES}. */
  readonly shape: Float64Array;
  /** Numbers of its different words, below 16,384; two words may share one. */
  readonly words: readonly number[];
}

/** Words are told apart by a hash alone, so that weights hold no text of what they were learnt from. */
const WORD_BUCKETS = 2 ** 14;

/** What is looked at of a text: figures that say how it is built, none of what it is about. */
const SHAPES = {
  'length of the question': ({ question }: Parts) => Math.log1p(question.length),
  'length of all': ({ text }: Parts) => Math.log1p(text.length),
  'has options': ({ options }: Parts) => (options.length > 0 ? 1 : 0),
  'length of an option': ({ lengths }: Parts) => Math.log1p(mean(lengths)),
  'spread of the options': ({ lengths }: Parts) => Math.log1p(Math.max(...lengths) - Math.min(...lengths)),
  'longest option': ({ lengths }: Parts) => Math.log1p(Math.max(...lengths)),
  'digits in the question': ({ question }: Parts) => count(question, /\d/g) / (question.length || 1),
  'digits in the options': ({ offered, lengths }: Parts) => count(offered, /\d/g) / Math.max(1, sum(lengths)),
  numbers: ({ question }: Parts) => Math.log1p(count(question, /\d+(?:\.\d+)?/g)),
  'options with a number': ({ options }: Parts) =>
    options.filter((option) => /^[\d\sa-zA-Z.,%$/^*()-]*\d[\d\sa-zA-Z.,%$/^*()-]*$/.test(option)).length,
  signs: ({ text }: Parts) => count(text, /[^\p{L}\p{N}\s.,?'"]/gu) / (text.length || 1),
  'length of a word': ({ words }: Parts) => mean(words.map((word) => word.length)),
  'long words': ({ words }: Parts) => share(words, (word) => word.length > 8),
  capitals: ({ words }: Parts) => share(words.slice(1), (word) => /^\p{Lu}/u.test(word)),
  'ends as a question': ({ question }: Parts) => flag(/\?\s*$/.test(question)),
  blank: ({ question }: Parts) => flag(question.includes('_')),
  'ends with a colon': ({ question }: Parts) => flag(/:\s*$/.test(question)),
  negated: ({ question }: Parts) => flag(/\b(NOT|EXCEPT|not|except|false|incorrect|least)\b/.test(question)),
  'negated in capitals': ({ question }: Parts) => flag(/\b(NOT|EXCEPT)\b/.test(question)),
  statements: ({ question }: Parts) => flag(question.includes('Statement 1')),
  'an option for all or none': ({ options }: Parts) =>
    flag(options.some((option) => /all of|none of|both|neither/i.test(option))),
  'true or false': ({ options }: Parts) =>
    flag(options.some((option) => /^(True|False|Wrong|Not wrong)/.test(option))),
  'yes or no': ({ options }: Parts) => options.filter((option) => /^(yes|no)\b/i.test(option)).length,
  what: ({ question }: Parts) => flag(/what/i.test(question)),
  which: ({ question }: Parts) => flag(/which/i.test(question)),
  why: ({ question }: Parts) => flag(/why/i.test(question)),
  how: ({ question }: Parts) => flag(/how /i.test(question)),
  'how many': ({ question }: Parts) => flag(/how (many|much)/i.test(question)),
  condition: ({ question }: Parts) => flag(/\b[Ii]f\b/.test(question)),
  sentences: ({ ends }: Parts) => Math.log1p(ends),
  lines: ({ question }: Parts) => Math.log1p(count(question, /\n/g)),
  'numbered points': ({ text }: Parts) => flag(/\b(I|II|III)\b/.test(text)),
  quotation: ({ question }: Parts) => flag(question.includes('"')),
  'third person': ({ question, asked }: Parts) =>
    count(question, /\b(he|she|his|her|him)\b/g) / Math.max(1, asked.length),
  'first or second person': ({ question, asked }: Parts) =>
    count(question, /\b(I|you|your|my|we)\b/g) / Math.max(1, asked.length),
  'words of options in the question': ({ question, offeredWords }: Parts) => {
    const asked = new Set(question.toLowerCase().split(/\s+/));
    return share([...offeredWords], (word) => asked.has(word));
  },
  'different beginnings of options': ({ options }: Parts) =>
    new Set(options.map((option) => option.split(/\s+/)[0])).size,
  'different words in options': ({ offered, offeredWords }: Parts) =>
    offeredWords.size / Math.max(1, offered.split(/\s+/).length),
  equation: ({ text }: Parts) => flag(text.includes('=')),
  year: ({ question }: Parts) => flag(/\b(1[5-9]|20)\d\d\b/.test(question)),
  'length of a sentence': ({ asked, ends }: Parts) => Math.log1p(asked.length / Math.max(1, ends)),
  'different words': ({ asked }: Parts) =>
    new Set(asked.map((word) => word.toLowerCase())).size / Math.max(1, asked.length),
} as const;

/** What the figures of {@link TextFeatures.shape} are called, in their order. */
export const SHAPE_NAMES: readonly string[] = Object.keys(SHAPES);

/** A text taken apart into the question and, where it offers any, the answers to choose from. */
interface Parts {
  readonly text: string;
  readonly question: string;
  readonly options: readonly string[];
  /** The options as one text. */
  readonly offered: string;
  /** Different words of the options, in lower case. */
  readonly offeredWords: ReadonlySet<string>;
  /** Characters of each option; one 0 where there is none. */
  readonly lengths: readonly number[];
  /** Words of all, and those of the question. */
  readonly words: readonly string[];
  readonly asked: readonly string[];
  /** Ends of sentences in the question. */
  readonly ends: number;
}

/** More of a text says nothing more, and a router is to answer at once. */
const MAX_CHARACTERS = 8_000;

/** Looks at a text; what stands beyond its first 8,000 characters is left out. */
export function textFeatures(text: string): TextFeatures {
  const parts = partsOf(text.slice(0, MAX_CHARACTERS));
  const shape = Float64Array.from(Object.values(SHAPES), (figure) => figure(parts));
  return { shape, words: [...wordBuckets(parts.text)] };
}

function partsOf(text: string): Parts {
  // Lettered options, each on a line of its own, and nothing but the call for an answer behind them.
  const lines = text.replace(/\n\s*Answer:\s*$/, '').split(/\n(?=[A-H][.)] )/);
  const options = lines.slice(1).map((line) => line.slice(3));
  const question = lines[0] ?? '';
  const offered = options.join(' ');
  return {
    text,
    question,
    options,
    offered,
    offeredWords: new Set(offered.toLowerCase().split(/\s+/).filter(Boolean)),
    lengths: options.length === 0 ? [0] : options.map((option) => option.length),
    words: text.match(/\p{L}+/gu) ?? [],
    asked: question.match(/[\p{L}']+/gu) ?? [],
    ends: count(question, /[.?!](\s|$)/g),
  };
}

function wordBuckets(text: string): ReadonlySet<number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  return new Set(words.map(bucketOf));
}

/** The number of a word. */
export function bucketOf(word: string): number {
  return hashOf(word) % WORD_BUCKETS;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

function share(words: readonly string[], has: (word: string) => boolean): number {
  return words.length === 0 ? 0 : words.filter(has).length / words.length;
}
