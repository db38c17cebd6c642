import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerLearn } from '../../../src/commands/learn.js';
import { FileAnomalyStore } from '../../../src/sensor/normal/state-file.js';
import { anomalyStatePath } from '../../../src/sensor/normal/state-path.js';
import { gaussian, seeded } from '../../support/sensor-rows.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

afterEach(() => void vi.restoreAllMocks());

/** A folder with the configuration of one pump and a recording of it. */
function plant(): { readonly folder: string; readonly config: string; readonly table: string } {
  const folder = temporaryFolder();
  const config = join(folder, 'catnap.yaml');
  const table = join(folder, 'calm.csv');
  const random = seeded(41);
  const rows = Array.from({ length: 700 }, (_, row) => `${row},${20 + gaussian(random)}`);
  writeFileSync(table, ['time,flow (L/min)', ...rows].join('\n'));
  writeFileSync(config, `sources: [{ id: pump, kind: csv, path: calm.csv }]\nstateDir: state\n`);
  return { folder, config, table };
}

async function learn(...args: readonly string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const program = new Command().exitOverride();
  registerLearn(program);
  await program.parseAsync(['learn', ...args], { from: 'user' });
  return text;
}

const wishIn = (folder: string, source: string) =>
  new FileAnomalyStore(anomalyStatePath(join(folder, 'state'), source)).wished();

describe('catnap learn again', () => {
  it('asks for it to be learnt anew, from now, from a time or from a recording', async () => {
    const { folder, config, table } = plant();
    expect(await learn('again', 'pump', '--config', config)).toContain('pump is learnt again: ');
    expect(wishIn(folder, 'pump')).toMatchObject({ fromMs: null, state: null });
    await learn('again', 'pump', '--config', config, '--from', '2026-01-31T08:00Z');
    expect(wishIn(folder, 'pump')).toMatchObject({ fromMs: Date.parse('2026-01-31T08:00Z') });
    await learn('again', 'pump', '--config', config, '--from', table);
    expect(wishIn(folder, 'pump')?.state).toMatchObject({ normal: { learntRows: 700 } });
  });

  it('refuses a source that is not there, for nobody would do it', async () => {
    const { folder, config } = plant();
    const again = learn('again', 'pumpe', '--config', config);
    await expect(again).rejects.toThrow('expected a sensor source, found "pumpe"; it has pump');
    expect(wishIn(folder, 'pumpe')).toBeNull();
    const unlearnt = learn('again', 'pump', '--state', join(folder, 'elsewhere'));
    await expect(unlearnt).rejects.toThrow('nothing was learnt of "pump" yet');
  });
});

describe('catnap learn export and import', () => {
  it('carries what was learnt to a twin, and refuses what is of another signal', async () => {
    const { folder, config, table } = plant();
    await learn('again', 'pump', '--config', config, '--from', table);
    const state = wishIn(folder, 'pump')?.state ?? null;
    if (state === null) throw new Error('nothing was learnt');
    new FileAnomalyStore(anomalyStatePath(join(folder, 'state'), 'pump')).save(state);
    const file = join(folder, 'pump.json');
    await learn('export', 'pump', file, '--config', config);

    const twin = plant();
    expect(await learn('import', 'pump', file, '--config', twin.config)).toContain(
      'goes by what pump learnt',
    );
    expect(wishIn(twin.folder, 'pump')?.state?.normal).toEqual(state.normal);

    const other = { ...state, shape: { ...state.shape, channels: [{ name: 'flow', unit: 'kPa' }] } };
    new FileAnomalyStore(anomalyStatePath(join(twin.folder, 'state'), 'pump')).save(other);
    const refused = learn('import', 'pump', file, '--config', twin.config);
    await expect(refused).rejects.toThrow('what was learnt here stands');
  });
});
