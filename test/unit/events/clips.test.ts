import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Health } from '../../../src/core/events/health.js';
import { Clips, type ClipsOptions, type KeptClip, readClip } from '../../../src/events/clips.js';
import { Seal } from '../../../src/files/sealed.js';
import { systemTime } from '../../../src/runtime/process/system-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const DAY_MS = 86_400_000;

function opened(some: Partial<ClipsOptions> = {}) {
  const kept: KeptClip[] = [];
  const health: Health[] = [];
  let nowMs = Date.UTC(2026, 0, 10);
  const folder = join(temporaryFolder(), 'clips');
  const clips = new Clips({
    ...systemTime,
    wallMs: () => nowMs++,
    folder,
    maxBytes: 1000,
    maxDays: 7,
    seal: null,
    oldestEventMs: async () => null,
    onKept: (clip) => kept.push(clip),
    onHealth: (each) => health.push(each),
    ...some,
  });
  return { clips, kept, health, folder: some.folder ?? folder };
}

describe('kept clips', () => {
  it('are their owner’s alone, told once they are on the disk, and read by their name', async () => {
    const { clips, kept, folder } = opened();
    clips.keep('run/kitchen/d1', Buffer.from('one'));
    await clips.close();
    expect(kept).toEqual([{ detection: 'run/kitchen/d1', file: expect.any(String), bytes: 3 }]);
    const file = kept[0]?.file ?? '';
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(String(await clips.read(file))).toBe('one');
    expect(await clips.read('../../etc/passwd')).toBeNull();
    expect(await clips.read(`../clips/${file}`)).toBeNull();
  });

  it('are encrypted where a secret is given, and read again with it alone', async () => {
    const { clips, kept, folder } = opened({ seal: new Seal('correct horse') });
    clips.keep('run/kitchen/d1', Buffer.from('said in the kitchen'));
    await clips.close();
    const [{ file = '' } = {}] = kept;
    expect(readFileSync(join(folder, file)).includes('kitchen')).toBe(false);
    expect(String(await clips.read(file))).toBe('said in the kitchen');
    expect(String(await readClip(folder, file, new Seal('correct horse')))).toBe('said in the kitchen');
    await expect(readClip(folder, file, new Seal('battery staple'))).rejects.toThrow(
      'found another clips.key',
    );
    await expect(readClip(folder, file, null)).rejects.toThrow('found no clips.key');
    // Nor may one stand in another's place.
    const other = file.replace(/^\d/, '9');
    renameSync(join(folder, file), join(folder, other));
    await expect(readClip(folder, other, new Seal('correct horse'))).rejects.toThrow('clips.key');
  });

  it('are as many as fit, over a restart, and the oldest go first', async () => {
    const first = opened();
    for (const d of [1, 2, 3]) first.clips.keep(`run/kitchen/d${d}`, Buffer.alloc(400));
    await first.clips.close();
    expect(readdirSync(first.folder)).toEqual(first.kept.slice(1).map(({ file }) => file));
    const second = opened({ folder: first.folder, maxBytes: 700 });
    await second.clips.close();
    expect(readdirSync(first.folder)).toEqual([first.kept[2]?.file]);
  });

  it('go when they are old, and with the event that they are of', async () => {
    const { clips, kept, folder } = opened();
    clips.keep('run/kitchen/d1', Buffer.alloc(10));
    clips.keep('run/kitchen/d2', Buffer.alloc(10));
    await clips.close();
    const [, second] = kept;
    const secondMs = Number(second?.file.split('-')[0]);
    await opened({ folder, oldestEventMs: async () => secondMs }).clips.close();
    expect(readdirSync(folder)).toEqual([second?.file]);
    await opened({ folder, wallMs: () => secondMs + 8 * DAY_MS }).clips.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that were half written go at the next start, and nothing else in the folder does', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '0000000000001-00000000.wav.partial'), 'half');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    await opened({ folder }).clips.close();
    expect(readdirSync(folder)).toEqual(['notes.txt']);
  });

  it('cost nothing but themselves where the disk takes none, and that is told once', async () => {
    const parent = temporaryFolder();
    writeFileSync(join(parent, 'clips'), 'a file is in the way');
    const { clips, kept, health } = opened({ folder: join(parent, 'clips') });
    clips.keep('run/kitchen/d1', Buffer.alloc(10));
    clips.keep('run/kitchen/d2', Buffer.alloc(10));
    await clips.close();
    expect(kept).toEqual([]);
    expect(health).toEqual([
      { state: 'degraded', code: 'STORE_FULL', detail: expect.stringContaining('not kept') },
    ]);
  });

  it('wait for a slow disk up to a number, and are dropped beyond it', async () => {
    const { clips, kept, health } = opened();
    for (let d = 0; d < 20; d++) clips.keep(`run/kitchen/d${d}`, Buffer.alloc(10));
    await clips.close();
    expect(kept).toHaveLength(8);
    expect(health[0]).toMatchObject({ state: 'degraded', detail: expect.stringContaining('too slow') });
  });
});
