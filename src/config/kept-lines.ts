/** Aligning more would take too much memory: they are written anew. */
const MOST_LINES = 2000;

/**
 * A text that was read, written anew and changed, with the lines that the change left alone as somebody wrote them
 * (three-way merge; lines are aligned by their longest common subsequence).
 * @param original as it was read
 * @param rewritten the same, written anew
 * @param changed what it was changed to, written as `rewritten` is
 */
export function keepLines(original: string, rewritten: string, changed: string): string {
  const [was, base, now] = [original.split('\n'), rewritten.split('\n'), changed.split('\n')];
  if (Math.max(was.length, base.length, now.length) > MOST_LINES) return changed;
  const wasAt = new Map(aligned(base, was, withoutSpaces));
  const nowAt = new Map(aligned(base, now, (line) => line));
  const kept: string[] = [];
  const from = { was: 0, base: 0, now: 0 };
  for (let at = 0; at <= base.length; at++) {
    const isEnd = at === base.length;
    const to = { was: isEnd ? was.length : wasAt.get(at), base: at, now: isEnd ? now.length : nowAt.get(at) };
    if (to.was === undefined || to.now === undefined) continue;
    const between = now.slice(from.now, to.now);
    const isChanged = between.join('\n') !== base.slice(from.base, to.base).join('\n');
    kept.push(...(isChanged ? between : was.slice(from.was, to.was)));
    if (!isEnd) kept.push(was[to.was] as string);
    Object.assign(from, { was: to.was + 1, base: at + 1, now: to.now + 1 });
  }
  return kept.join('\n');
}

const withoutSpaces = (line: string): string => line.replaceAll(/\s/gu, '');

/** Indices of the lines that two texts have in common, in order. */
function aligned(
  one: readonly string[],
  other: readonly string[],
  keyOf: (line: string) => string,
): readonly (readonly [number, number])[] {
  const [ones, others] = [one.map(keyOf), other.map(keyOf)];
  const width = others.length + 1;
  /** From each pair of lines on: how many are in common. */
  const common = new Uint16Array((ones.length + 1) * width);
  const from = (i: number, j: number): number => common[i * width + j] as number;
  for (let i = ones.length - 1; i >= 0; i--)
    for (let j = others.length - 1; j >= 0; j--)
      common[i * width + j] =
        ones[i] === others[j] ? from(i + 1, j + 1) + 1 : Math.max(from(i + 1, j), from(i, j + 1));
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < ones.length && j < others.length; )
    if (ones[i] === others[j]) pairs.push([i++, j++]);
    else if (from(i + 1, j) >= from(i, j + 1)) i++;
    else j++;
  return pairs;
}
