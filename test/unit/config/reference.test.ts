import { expect, it } from 'vitest';
import { configReference } from '../../../src/config/reference.js';

it('stands in docs/CONFIG.md as the schema says (else: node dist/cli.js schema reference > it)', async () => {
  await expect(configReference()).toMatchFileSnapshot('../../../docs/CONFIG.md');
});

it('has every kind of action, once', () => {
  const titles = [...configReference().matchAll(/^## An action: (\w+)$/gm)].map(([, kind]) => kind);
  expect(titles).toEqual(['log', 'mqtt', 'webhook', 'command', 'serial', 'module']);
});

it('says of every setting what it does', () => {
  const reference = configReference();
  const rows = reference.match(/^\| `.*$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(500);
  expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});

it('says of lists what may stand in them', () => {
  const reference = configReference();
  expect(reference).not.toContain('list of anything');
  expect(reference).toMatch(/^\| `escalateOn` \| list of `confident`, .*`several-sources`.* \|/m);
  expect(reference).toContain('| `limits` | by name: [number, number] |');
});
