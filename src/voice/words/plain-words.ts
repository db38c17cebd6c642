/**
 * How a typed phrase is read aloud: digits, signs and abbreviations as the words that people say for them. What is
 * left is words of letters.
 */

const ONES = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven'],
  ...['twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
];
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
/** Longer numbers are read digit by digit alone. */
const MOST_DIGITS = 6;
const SIGNS: Readonly<Record<string, string>> = {
  '&': ' and ',
  '+': ' plus ',
  '%': ' percent ',
  '@': ' at ',
};

/** A typed word in letters of one kind: no typographic signs, no punctuation around it. */
export function plainWord(word: string): string {
  return word
    .normalize('NFKC')
    .replaceAll(/[’‘ʼ`´]/gu, "'")
    .replaceAll(/^[^\p{L}\p{N}&+%@']+|[^\p{L}\p{N}&+%@']+$/gu, '');
}

/**
 * The words that a word with digits, signs or hyphens in it is read as, each reading with spaces between them, the
 * likeliest first; none where it is nothing but letters.
 */
export function readingsOf(word: string): readonly string[] {
  if (!/[^\p{L}\p{M}']/u.test(word)) return [];
  const parts =
    word
      .replaceAll(/[&+%@]/gu, (sign) => SIGNS[sign] ?? '')
      .match(/\d+(?:st|nd|rd|th)?(?!\p{L})|\d+|[\p{L}\p{M}']+/giu) ?? [];
  let readings = [''];
  for (const part of parts) {
    const read = /^\d+$/.test(part) ? numberReadings(part) : [/^\d/.test(part) ? ordinal(part) : part];
    readings = readings.flatMap((before) => read.map((each) => `${before} ${each}`.trim()));
  }
  return readings.filter((reading) => reading !== '');
}

/** As one number, as people read years and rooms, and digit by digit. */
function numberReadings(digits: string): readonly string[] {
  const single = [...digits].map((digit) => ONES[Number(digit)]).join(' ');
  if (digits.length > MOST_DIGITS || (digits.length > 1 && digits.startsWith('0'))) return [single];
  const readings = [cardinal(Number(digits))];
  if (digits.length === 4 && !digits.endsWith('000')) readings.unshift(inPairs(digits));
  if (digits.length === 3 && !digits.endsWith('00')) readings.push(inPairs(`0${digits}`));
  return [...new Set([...readings, ...(digits.length > 1 ? [single] : [])])];
}

function cardinal(count: number): string {
  if (count < ONES.length) return ONES[count] as string;
  if (count < 100)
    return `${TENS[Math.floor(count / 10)]} ${count % 10 === 0 ? '' : cardinal(count % 10)}`.trim();
  const [unit, name] = count < 1000 ? [100, 'hundred'] : [1000, 'thousand'];
  const rest = count % unit === 0 ? '' : ` ${cardinal(count % unit)}`;
  return `${cardinal(Math.floor(count / unit))} ${name}${rest}`;
}

/** Of which more than the end is said otherwise. */
const ORDINALS: Readonly<Record<string, string>> = {
  ...{ one: 'first', two: 'second', three: 'third', five: 'fifth', eight: 'eighth' },
  ...{ nine: 'ninth', twelve: 'twelfth' },
};

/** As 1st and 22nd are read. */
function ordinal(written: string): string {
  const [digits = ''] = written.match(/^\d+/u) ?? [];
  const [read = ''] = digits.length > MOST_DIGITS ? numberReadings(digits) : [cardinal(Number(digits))];
  return read.replace(/\w+$/u, (last) => ORDINALS[last] ?? `${last.replace(/y$/u, 'ie')}th`);
}

/** As 1984 and 747 are read. */
function inPairs(digits: string): string {
  const [first, second] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  if (second === 0) return `${cardinal(first)} hundred`;
  return `${cardinal(first)} ${second < 10 ? 'oh ' : ''}${cardinal(second)}`;
}

/** Letters that are no base letter with a mark, as English spells them. */
const LETTERS: Readonly<Record<string, string>> = { ł: 'l', đ: 'd', ð: 'th', þ: 'th', ı: 'i' };

/** A word without the marks of its letters, as English takes over foreign words. */
export function withoutMarks(word: string): string {
  return word
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[łđðþı]/gu, (letter) => LETTERS[letter] ?? letter);
}
