import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { describe, expect, it } from 'vitest';
import { root } from '../../support/tools.js';

const built = join(root, 'dist');

/** What a built module has loaded as soon as it is. */
function loadedWith(path: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(path) || !existsSync(path)) return loaded;
  loaded.add(path);
  const { module } = parseSync(path, readFileSync(path, 'utf8'));
  const named = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((entry) => entry.moduleRequest?.value ?? []),
    ),
  ];
  for (const name of named) if (name.startsWith('.')) loadedWith(resolve(dirname(path), name), loaded);
  return loaded;
}

describe('where sources are served and stages run', () => {
  it.each(['source-worker', 'heavy-child', 'heavy-lines', 'wyoming-worker'])(
    'no schemas are loaded: %s is handed what was checked',
    (script) => {
      const loaded = [...loadedWith(join(built, 'runtime', `${script}.js`))].map((path) =>
        relative(built, path),
      );
      expect(loaded.length).toBeGreaterThan(1);
      expect(loaded.filter((path) => /(^|\/)zod|schema/.test(path))).toEqual([]);
    },
  );
});
