import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceTree } from '../support/source-tree.js';
import { root } from '../support/tools.js';

/** A row of the table in docs/FAULTS.md: its number, and the test files that it names. */
const rows = readFileSync(join(root, 'docs/FAULTS.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| *\d+ *\|/.test(line))
  .map((line) => {
    const [, number, , , proof = ''] = line.split('|');
    return {
      number: Number(number),
      files: [...proof.matchAll(/`(test\/[\w./-]+)`/g)].map(([, file]) => file ?? ''),
    };
  });

/** The rows that tests are called by, as in: row 13: ..., or: rows 19 and 21: ... */
const proofs = sourceTree('test').flatMap(({ path, text }) =>
  [...text.matchAll(/['"`]rows? ([\d, and]+): /g)].flatMap(([, numbers = '']) =>
    (numbers.match(/\d+/g) ?? []).map((number) => ({ file: path, number: Number(number) })),
  ),
);

describe('the table of faults', () => {
  it('has its rows in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, index) => index + 1));
    expect(rows.length).toBeGreaterThanOrEqual(36);
  });

  it('names a test for every row', () => {
    expect(rows.filter(({ files }) => files.length === 0).map(({ number }) => number)).toEqual([]);
  });

  it.each(rows)('row $number names all tests that are called by it, and no others', ({ number, files }) => {
    const called = proofs.filter((proof) => proof.number === number).map(({ file }) => file);
    expect([...new Set(called)].sort()).toEqual([...files].sort());
  });

  it('has the row that any test is called by', () => {
    const known = new Set(rows.map(({ number }) => number));
    expect(proofs.filter(({ number }) => !known.has(number))).toEqual([]);
  });
});
