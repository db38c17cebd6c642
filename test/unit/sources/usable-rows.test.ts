import { describe, expect, it } from 'vitest';
import { UsableRows } from '../../../src/sources/usable-rows.js';

/** What is told of rows, `.` with a value and `x` without. */
function told(rows: string, rateHz = 1): readonly string[] {
  const heard: string[] = [];
  const usable = new UsableRows(rateHz, ({ state, detail }) => void heard.push(`${state}: ${detail}`));
  for (const row of rows) usable.take(row === '.', () => 'found "n/a"');
  return heard;
}

describe('rows without a value', () => {
  it('are told within a few rows, and when as many again are well', () => {
    expect(told('xxxx')).toEqual([]);
    expect(told('xxxxx')).toEqual(['degraded: 5 rows without a value: found "n/a"']);
    expect(told(`${'x'.repeat(70)}.........`)).toHaveLength(1);
    expect(told(`${'x'.repeat(70)}..........`)[1]).toBe('ok: values come again: 70 rows without a value');
  });

  it('are told once where they and good ones alternate', () => {
    expect(told(`${'.x'.repeat(500)}${'.'.repeat(40)}`)).toEqual([
      'degraded: 5 of 9 rows without a value: found "n/a"',
      'ok: values come again: 500 of 999 rows without a value',
    ]);
    expect(told(`${'x........'.repeat(100)}`)).toHaveLength(1);
  });

  it('are told at powers of ten where they are rare', () => {
    expect(told(`x${'.'.repeat(59)}`.repeat(120))).toEqual(
      [1, 10, 100].map((n) => `ok: ${n} rows without a value so far, the last: found "n/a"`),
    );
  });

  it('count by the second where rows are fast', () => {
    expect(told('x'.repeat(999), 1000)).toEqual([]);
    expect(told('x'.repeat(1000), 1000)).toHaveLength(1);
  });
});
