import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/tools.js';

interface Entry {
  readonly types: string;
}

/** Names that a module's declarations pass on or declare, sorted. */
function namesOf(declarations: string): readonly string[] {
  const passedOn = [...declarations.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim().replace(/^type /, '')),
  );
  const declared = [
    ...declarations.matchAll(
      /^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/gm,
    ),
  ].map(([, name = '']) => name);
  return [...passedOn, ...declared].filter((name) => name !== '').sort();
}

it('what the package offers, entry by entry, changes only on purpose (else: vitest -u)', async () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, Entry | string>>;
  };
  const lines = Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [
          entry.replace('.', 'catnap'),
          ...namesOf(readFileSync(join(root, target.types), 'utf8')).map((name) => `  ${name}`),
        ],
  );
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../docs/public-names.txt');
});
