import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catnap } from '../../support/cli.js';
import { journalled, said, wake } from '../../support/past.js';

const tune = (cwd: string, ...more: readonly string[]) =>
  catnap(['tune', '--journal', '--config', 'catnap.yaml', '--json', ...more], { cwd });

describe('catnap tune --of alarms', () => {
  it('finds from when on a sensor gives an alarm, from what was said of its alarms', () => {
    const events = [0.55, 0.6, 0.7, 0.9, 0.95].flatMap((confidence, at) => [
      wake(at, confidence, 0.99, true),
      said(at, confidence > 0.8 ? 'right' : 'wrong', 30 + at),
    ]);
    const sensor = [
      'sources: [{ id: kitchen, kind: csv, path: pump.csv, cascade: pump }]',
      'cascades: { pump: { kind: sensor } }',
      '',
    ].join('\n');
    const cwd = journalled(events, sensor);
    const { stdout, stderr } = tune(
      cwd,
      '--of',
      'alarms',
      '--cascade',
      'pump',
      '--false-alarms-per-day',
      '1',
    );
    expect(stderr).toBe('');
    const { now, chosen } = JSON.parse(stdout);
    expect(now).toMatchObject({ words: 2, missed: 0, falseAccepts: 3 });
    expect(chosen).toMatchObject({ missed: 0, falseAccepts: 0, thresholds: { alarm: { accept: 0.8 } } });
    expect(readFileSync(join(cwd, 'catnap.yaml'), 'utf8')).toMatch(
      /thresholds: { accept: 0.8, reject: 0.8 } # catnap tune, .*: from 5 alarms of the journal, of 5 of which/,
    );
  }, 60_000);
});
