/** Whether one of these patterns is the whole text; `*` stands for any run of characters. */
export function matchesAny(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => {
    const parts = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
  });
}
