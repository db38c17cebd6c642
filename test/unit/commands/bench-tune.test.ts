import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catnap } from '../../support/cli.js';
import { labelledPump } from '../../support/sensor-rows.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** Three pumps, laid out as the benchmark wants them. */
function pumps(): string {
  const data = temporaryFolder();
  mkdirSync(join(data, 'sensors', 'skab'), { recursive: true });
  for (const seed of [1, 2, 3]) {
    const table = labelledPump({ seed, rows: 700, faultAt: 550 });
    writeFileSync(join(data, 'sensors', 'skab', `${seed}.csv`), table);
  }
  return data;
}

const ROW = ['--of', 'sensors-seconds', '--splits', '2'];

describe('catnap bench tune', () => {
  it('compares tuned alarms with a grid and with what is in force, and what-if with running it', () => {
    const { stdout, stderr } = catnap(['bench', 'tune', '--data', pumps(), ...ROW, '--json']);
    expect(stderr).toBe('');
    const { rows } = JSON.parse(stdout);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ row: 'sensors-seconds', groups: 3, splits: 2 });
    expect(rows[0].what).toMatch(/^3 to find in 0\.17 h; in force 0 missed and \d+ false$/);
    // So plain a fault is found by all of them; false alarms are rare.
    for (const volume of Object.values(rows[0].hypervolume)) expect(volume).toBeGreaterThan(0.5);
    const [surer] = rows[0].whatIf;
    expect(surer).toMatchObject({ changes: { 'thresholds.reject': 0.75 }, said: surer.found });
  }, 60_000);

  it('prints it as a table, and what the figures are of', () => {
    const { stdout } = catnap(['bench', 'tune', '--data', pumps(), ...ROW]);
    expect(stdout).toMatch(/^\| row \|.*\n\| --- .*\n\| sensors-seconds \| \d\.\d{4} \|/);
    expect(stdout).toMatch(/\nsensors-seconds: 3 to find in .*; 3 groups; .* up to 10 an hour\n {2}what-if /);
  }, 60_000);

  it('says which rows there are where one is meant that is none of them', () => {
    const { status, stderr } = catnap(['bench', 'tune', '--data', '.', '--of', 'wake,pumps']);
    expect(status).toBe(64);
    expect(stderr).toContain('expected some of wake, own-words, commands, orders, sensors-seconds');
  });
});
