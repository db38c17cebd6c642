/**
 * Deals groups into `parts`, or as many as there are groups, by turns and in the order of their names: what is learnt
 * on all parts but one can be judged on that one.
 */
export function dealt(groups: Iterable<string>, parts: number): readonly ReadonlySet<string>[] {
  const names = [...new Set(groups)].sort();
  const count = Math.min(parts, names.length);
  return Array.from({ length: count }, (_, part) => new Set(names.filter((_, at) => at % count === part)));
}
