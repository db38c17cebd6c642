import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catnap } from '../../support/cli.js';
import { journalled, said, wake } from '../../support/past.js';
import { labelledPump } from '../../support/sensor-rows.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const tune = (cwd: string, ...more: readonly string[]) =>
  catnap(['tune', '--journal', '--config', 'catnap.yaml', '--json', ...more], { cwd });

describe('catnap tune --of alarms', () => {
  it('finds from when on a sensor gives an alarm, from what was said of its alarms', () => {
    const events = [0.55, 0.6, 0.7, 0.9, 0.95].flatMap((confidence, at) => [
      // Heavy looks some rows later, by the same scale: what tiny only just noticed it may be sure of.
      wake(at, 0.5, confidence, true),
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

  it('finds it from labelled tables, which may tell of lower ones too, and says what it brings elsewhere', () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'tables'));
    for (const seed of [1, 2, 3, 4])
      writeFileSync(join(cwd, 'tables', `pump${seed}.csv`), labelledPump({ seed, rows: 1000, faultAt: 800 }));
    writeFileSync(
      join(cwd, 'catnap.yaml'),
      'sources: [{ id: pump, kind: csv, path: pump.csv, cascade: pump }]\ncascades: { pump: { kind: sensor } }\n',
    );
    const flags = [
      'tune',
      '--of',
      'alarms',
      '--data',
      'tables',
      '--config',
      'catnap.yaml',
      '--cascade',
      'pump',
    ];
    const { stdout, stderr } = catnap([...flags, '--notices', '4', '--json'], { cwd });
    expect(stderr).toBe('');
    const { now, chosen, front, crossValidated, from } = JSON.parse(stdout);
    expect(now).toMatchObject({ words: 4, missed: 0 });
    // Calm rows behind what was learnt from, a row a second.
    expect(now.hours).toBeCloseTo((4 * (1000 - 600 - 100)) / 3600, 6);
    expect(chosen).toMatchObject({ missed: 0 });
    expect(front.length).toBeGreaterThan(0);
    expect(crossValidated.shared).toMatchObject({ words: 4 });
    expect(from).toBe('tables');
    const { accept } = chosen.thresholds.alarm;
    expect(readFileSync(join(cwd, 'catnap.yaml'), 'utf8')).toContain(
      `thresholds: { accept: ${accept}, reject: ${accept} } # catnap tune,`,
    );
  }, 60_000);

  it('says so where there is no table', () => {
    const cwd = journalled(
      [],
      'sources: [{ id: p, kind: csv, path: p.csv, cascade: p }]\ncascades: { p: { kind: sensor } }\n',
    );
    const flags = [
      'tune',
      '--of',
      'alarms',
      '--config',
      'catnap.yaml',
      '--cascade',
      'p',
      '--data',
      'nowhere',
    ];
    expect(catnap(flags, { cwd }).stderr).toContain('nowhere: expected tables (*.csv) in it, found none');
  });
});
