/** Pictures, with the marks that make one of several or colour it (Unicode Technical Standard 51). */
const PICTURES =
  /\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*|\p{Regional_Indicator}/gu;

/**
 * A phrase as it was meant: whatever blanks were typed around and within it, wide or joined letters as plain ones, and
 * without pictures beside its words, which nobody says.
 */
export function asMeant(typed: string): string {
  const plain = (text: string) => text.normalize('NFKC').trim().replaceAll(/\s+/gu, ' ');
  return plain(typed.replaceAll(PICTURES, ' ')) || plain(typed);
}

/** How many words a text has, as white space parts them. */
export function countWords(text: string): number {
  return text.split(/\s+/u).filter(Boolean).length;
}
