/** A phrase as it was meant, whatever blanks were typed around and within it. */
export function asMeant(typed: string): string {
  return typed.trim().replaceAll(/\s+/gu, ' ');
}

/** How many words a text has, as white space parts them. */
export function countWords(text: string): number {
  return text.split(/\s+/u).filter(Boolean).length;
}
