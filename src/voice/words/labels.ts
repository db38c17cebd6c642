import type { SettingFault } from '../../core/kind.js';

/** The label of a word however it is written: `View-Glass` and `view glass` are `view_glass`; null: unknown. */
export function labelOf(written: string, known: readonly string[]): string | null {
  return known.find((label) => plainly(label) === plainly(written)) ?? null;
}

/** What is wrong with words that are to be of a model, each at its place below `path`. */
export function unknownWords(
  path: readonly PropertyKey[],
  words: readonly (readonly [key: PropertyKey, word: string])[],
  model: string,
  known: readonly string[],
): readonly SettingFault[] {
  return words.flatMap(([key, word]) => {
    if (labelOf(word, known) !== null) return [];
    const own = `or a word of your own, { say: ${JSON.stringify(word)} }`;
    const message = `expected a word of model ${model}, ${own}, found "${word}"`;
    return [{ path: [...path, key], message, among: { found: word, known } }];
  });
}

function plainly(word: string): string {
  return word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/gu, '_');
}
