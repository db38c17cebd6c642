import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Mutes } from '../../../../src/runtime/page/mutes.js';
import { VirtualTime } from '../../../../src/simulator/virtual-time.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const HOUR_MS = 3_600_000;

/** A house of two sources whose mutes are kept in `path`, and what was told of them. */
function house(path: string, time = new VirtualTime()) {
  const told: string[] = [];
  const mutes = new Mutes({
    clock: time.clock,
    timer: time.timer,
    path,
    onMute: (source, isMuted, { state, code }) => told.push(`${source} ${isMuted} ${state} ${code}`),
  });
  return { mutes, told, time };
}

describe('a muted source', () => {
  it('is listened to again by itself when its time is over, and both are told', async () => {
    const { mutes, told, time } = house(join(temporaryFolder(), 'state/muted.json'));
    expect(mutes.mute(['hall', 'pump'], HOUR_MS, 'anna')).toBe(true);
    mutes.mute(['pump'], null, 'anna');
    expect(mutes.list()).toEqual([
      { source: 'hall', until: '2026-01-01T01:00:00.000Z', by: 'anna' },
      { source: 'pump', until: null, by: 'anna' },
    ]);
    await time.advance(HOUR_MS);
    expect(mutes.list().map(({ source }) => source)).toEqual(['pump']);
    mutes.unmute(['hall', 'pump']);
    expect(told).toEqual([
      'hall true down OK',
      'pump true down OK',
      'pump true down OK',
      'hall false ok OK',
      'pump false ok OK',
    ]);
  });

  it('is muted after a restart for what is left of its time, in a file for its owner alone', async () => {
    const path = join(temporaryFolder(), 'state/muted.json');
    const before = house(path);
    before.mutes.mute(['hall'], HOUR_MS, 'anna');
    before.mutes.mute(['pump', 'attic'], null, 'anna');
    before.mutes.close();
    await before.time.advance(HOUR_MS);
    expect(statSync(path).mode & 0o077).toBe(0);
    const early = house(path);
    early.mutes.restore(['hall', 'pump']);
    expect(early.mutes.list().map(({ source }) => source)).toEqual(['hall', 'pump']);
    await early.time.advance(HOUR_MS);
    expect(early.mutes.list().map(({ source }) => source)).toEqual(['pump']);
    const late = house(path, before.time);
    late.mutes.restore(['hall', 'pump']);
    expect(late.mutes.list().map(({ source }) => source)).toEqual(['pump']);
  });

  it('is muted all the same where it cannot be kept, and says so', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'state'), 'a file where the folder should be');
    const { mutes } = house(join(folder, 'state/muted.json'));
    expect(mutes.mute(['hall'], null, 'anna')).toBe(false);
    expect(mutes.list()).toHaveLength(1);
  });

  it('is told of where what was kept is damaged', () => {
    const path = join(temporaryFolder(), 'muted.json');
    writeFileSync(path, '{"version":1,"muted":[{"source":3}]}');
    const { mutes } = house(path);
    expect(() => mutes.restore(['hall'])).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
    expect(mutes.list()).toEqual([]);
  });
});
