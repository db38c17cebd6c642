import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../src/simulator/faults.js';
import { FAULT_ROWS } from '../faults/rows.js';
import { faultProofs, type Proof } from '../support/fault-proofs.js';

const INTRODUCTION = `# Faults it survives

Unless its row says that Catnap exits, this holds for every fault: the process lives, tells of the fault once by a \`health\` event,
counts what was lost, keeps its queues bounded, and has recovered within one backoff after the cause is gone.

This page is made of the tests: what proves a row is called by its number (\`row 13: ...\`), and \`test/unit/faults.test.ts\` fails
where page and tests differ (\`vitest -u\` writes the page anew). The rows themselves stand in \`test/faults/rows.ts\`. All tests
named here pass in every run of the continuous integration; \`npm run test:faults\` runs most of them. The last column names faults
as \`catnap bench simulate --faults\` does: [the simulator](SIMULATOR.md) lets them befall days of Catnap in virtual time, and looks
at invariants after every step.
`;

const proofs = faultProofs();
const ofRow = (row: number): readonly Proof[] => proofs.filter((proof) => proof.row === row);
const numbered = FAULT_ROWS.map((row, index) => ({ ...row, number: index + 1 }));

const simulatedOf = (row: number | null): readonly string[] =>
  FAULTS.filter((fault) => fault.row === row).map(({ name }) => name);

function page(): string {
  const rows = numbered.map(({ number, fault, answer, untested }) => {
    const count = ofRow(number).length;
    const told = untested === undefined ? 'pass' : 'pass, but for what is said below';
    const state = count === 0 ? 'no test' : `${told} (${count} ${count === 1 ? 'test' : 'tests'})`;
    return `| ${number} | ${fault} | ${answer} | ${state} | ${simulatedOf(number).join(', ')} |`;
  });
  const table = [
    '| # | fault | what Catnap does | state | simulated as |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  const beside = `Simulated beside the table: ${simulatedOf(null).join(', ')}.`;
  return `${INTRODUCTION}\n${table}\n\n${beside}\n\n## What proves each\n\n${numbered.map(proved).join('\n\n')}\n`;
}

function proved({ number, fault, untested, unsimulated }: (typeof numbered)[number]): string {
  const tests = ofRow(number).map(
    ({ file, title, isConditional }) =>
      `- \`${file}\`: ${title}${isConditional ? ' (where the machine lets it)' : ''}`,
  );
  const simulated = simulatedOf(number);
  return [
    `### ${number}. ${fault}\n`,
    ...tests,
    ...(simulated.length > 0 ? [`- simulated: ${simulated.join(', ')}`] : []),
    ...(untested === undefined ? [] : [`- not tested: ${untested}`]),
    ...(unsimulated === undefined ? [] : [`- not simulated: ${unsimulated}`]),
  ].join('\n');
}

describe('the table of faults', () => {
  it('has a test for every row', () => {
    expect(numbered.filter(({ number }) => ofRow(number).length === 0)).toEqual([]);
  });

  it('has every row simulated, or says why not', () => {
    const known = numbered.filter(({ unsimulated }) => unsimulated === undefined);
    expect(known.filter(({ number }) => simulatedOf(number).length === 0)).toEqual([]);
  });

  it('has the row that any test and any simulated fault is called by', () => {
    const isKnown = (row: number): boolean => row >= 1 && row <= FAULT_ROWS.length;
    expect([...proofs, ...FAULTS].filter(({ row }) => row !== null && !isKnown(row))).toEqual([]);
  });

  it('is docs/FAULTS.md (else: vitest -u)', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/FAULTS.md');
  });
});
