import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/tools.js';

interface Entry {
  readonly types: string;
}

/** `export { a, type b as c } from './d.js'`, or without `from` for what the file imports or declares. */
const LIST = /^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?;/gm;
const DECLARED = /^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/;

/** Declarations of a file, without comments. */
function read(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/[ \t]*\/\*[\s\S]*?\*\/\n?/g, '');
}

/** The declarations of a name in a file, each up to the line that closes it. */
function declarationsIn(lines: readonly string[], name: string): readonly string[] {
  const isStart = (line: string) => DECLARED.exec(line.replace(/^(?=declare)/, 'export '))?.[1] === name;
  return lines.flatMap((line, start) => {
    if (!isStart(line)) return [];
    let depth = 0;
    const end = lines.findIndex((at, i) => {
      if (i < start) return false;
      depth += (at.match(/[{([]/g)?.length ?? 0) - (at.match(/[})\]]/g)?.length ?? 0);
      return depth === 0 && /[;}]\s*$/.test(at);
    });
    return lines
      .slice(start, end + 1)
      .filter((at) => at.trim() !== '' && !/^\s+#private;/.test(at))
      .map((at) => `  ${at.replace(/^export (declare )?/, '')}`);
  });
}

interface Offered {
  readonly name: string;
  readonly lines: readonly string[];
}

/** What a declaration file declares or passes on, with the declarations as the file they come from has them. */
function offeredBy(path: string): readonly Offered[] {
  const text = read(path);
  const lines = text.split('\n');
  const passedOn = [...text.matchAll(LIST)].flatMap(([, names = '', from]) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((name) => {
        const [own = '', offered = own] = name.split(' as ');
        const source = from ?? new RegExp(`import .*\\b${own}\\b.* from '([^']+)'`).exec(text)?.[1];
        if (source === undefined) return { name: offered, lines: declarationsIn(lines, own) };
        const other = join(dirname(path), source.replace(/\.js$/, '.d.ts'));
        return { name: offered, lines: offeredBy(other).find((each) => each.name === own)?.lines ?? [] };
      }),
  );
  const declared = lines.flatMap((line) => DECLARED.exec(line)?.[1] ?? []);
  return [
    ...passedOn,
    ...[...new Set(declared)].map((name) => ({ name, lines: declarationsIn(lines, name) })),
  ];
}

it('what the package offers, entry by entry and type by type, changes only on purpose (else: vitest -u)', async () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, Entry | string>>;
  };
  const told = new Set<string>();
  const report = Object.entries(exports).flatMap(([entry, target]) => {
    if (typeof target === 'string') return [];
    const offered = offeredBy(join(root, target.types));
    expect(offered.filter(({ lines }) => lines.length === 0).map(({ name }) => name)).toEqual([]);
    return [
      entry.replace('.', 'catnap'),
      ...offered
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap(({ name, lines }) => {
          const text = lines.join('\n');
          if (told.has(text)) return [`  ${name}: as above`];
          told.add(text);
          return lines;
        }),
    ];
  });
  await expect(`${report.join('\n')}\n`).toMatchFileSnapshot('../../docs/public-types.txt');
});
