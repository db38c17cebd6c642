import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes below `pid` whose command line holds `part` (Linux). */
export function descendants(pid: number, part: string): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = read(`/proc/${name}/stat`);
    // Field 4 of proc(5)'s stat; the command name before it may hold spaces and brackets.
    const parent = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
    if (Number.isInteger(parent)) parents.set(Number(name), parent);
  }
  const below = (child: number): boolean => {
    for (let at = parents.get(child); at !== undefined && at > 0; at = parents.get(at))
      if (at === pid) return true;
    return false;
  };
  return [...parents.keys()].filter((child) => below(child) && read(`/proc/${child}/cmdline`).includes(part));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
