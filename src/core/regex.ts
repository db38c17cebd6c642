/** Whether a text is a regular expression with these flags. */
export function isRegex(text: string, flags: string): boolean {
  try {
    new RegExp(text, flags);
    return true;
  } catch {
    return false;
  }
}
