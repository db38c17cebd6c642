/** How many words a text has, as white space parts them. */
export function countWords(text: string): number {
  return text.split(/\s+/u).filter(Boolean).length;
}
