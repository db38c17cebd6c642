const UNITS = [
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen',
  'seventeen eighteen nineteen',
]
  .join(' ')
  .split(' ');
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** Spoken forms that a recogniser may write either way. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "what's": 'what is',
  "where's": 'where is',
  "it's": 'it is',
  "i'm": 'i am',
  "i'd": 'i would',
  "i'll": 'i will',
  "let's": 'let us',
  "don't": 'do not',
  "can't": 'can not',
  cannot: 'can not',
  '%': 'percent',
  '&': 'and',
  ok: 'okay',
};

/** A transcript or template text as comparable words: lower case, no punctuation, one spelling. */
export function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/(\d)\s*%/g, '$1 percent')
    .replaceAll(/(\p{L})-(\p{L})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}'%&]+/u)
    .flatMap((word) => (SPELLINGS[word] ?? word).split(' '))
    .map((word) => word.replaceAll(/^'+|'+$/g, '').replaceAll(/'s$/g, ''))
    .filter((word) => word !== '');
}

/**
 * The whole number said from `words[at]` on, and how many words say it; null where none is. Understands digits
 * and English number words below ten thousand ("two hundred and five", "twenty-five").
 */
export function numberAt(
  words: readonly string[],
  at: number,
): { readonly value: number; readonly length: number } | null {
  const first = words[at] ?? '';
  if (/^\d{1,4}$/.test(first)) return { value: Number(first), length: 1 };
  if (first === 'a' && (words[at + 1] === 'hundred' || words[at + 1] === 'thousand')) {
    const rest = numberAt(['one', ...words.slice(at + 1)], 0);
    return rest === null ? null : rest;
  }
  const small = below100(words, at);
  if (small === null) return null;
  let { value, length } = small;
  for (const [word, factor] of [
    ['thousand', 1000],
    ['hundred', 100],
  ] as const) {
    if (words[at + length] !== word || value >= factor || value === 0) continue;
    const joined = words[at + length + 1] === 'and' ? 2 : 1;
    const rest = numberAt(words, at + length + joined);
    const fits = rest !== null && rest.value < factor;
    value = value * factor + (fits ? rest.value : 0);
    length += fits ? joined + rest.length : 1;
    break;
  }
  return { value, length };
}

function below100(words: readonly string[], at: number): { value: number; length: number } | null {
  const unit = UNITS.indexOf(words[at] ?? '');
  if (unit >= 0) return { value: unit, length: 1 };
  const ten = TENS.indexOf(words[at] ?? '');
  if (ten < 0) return null;
  const after = UNITS.indexOf(words[at + 1] ?? '');
  const joined = after > 0 && after < 10;
  return { value: (ten + 2) * 10 + (joined ? after : 0), length: joined ? 2 : 1 };
}

/** Levenshtein's distance between two words, counted in characters. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substituted));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
