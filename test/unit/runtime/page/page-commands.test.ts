import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Mutes } from '../../../../src/runtime/page/mutes.js';
import { createRunCommand } from '../../../../src/runtime/page/page-commands.js';
import { VirtualTime } from '../../../../src/simulator/virtual-time.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

function houseOf(...sources: string[]) {
  const time = new VirtualTime();
  const path = join(temporaryFolder(), 'muted.json');
  const mutes = new Mutes({ clock: time.clock, timer: time.timer, path, onMute: () => {} });
  return { mutes, run: createRunCommand({ sources, mutes }) };
}

describe('a command of the page', () => {
  it('mutes one source or all, and says for how long', async () => {
    const { mutes, run } = houseOf('hall', 'pump');
    expect(await run({ kind: 'mute', source: 'hall', forMs: 300_000 }, 'anna')).toEqual({
      detail: 'for 5 min',
    });
    expect(mutes.list().map(({ source }) => source)).toEqual(['hall']);
    await run({ kind: 'mute', source: null, forMs: null }, 'anna');
    expect(mutes.list()).toHaveLength(2);
    await run({ kind: 'unmute', source: null }, 'anna');
    expect(mutes.list()).toEqual([]);
  });

  it('is refused for a source there is none of, with those there are', async () => {
    const { run } = houseOf('hall', 'pump');
    await expect(run({ kind: 'mute', source: 'attic', forMs: null }, 'anna')).rejects.toThrow(
      'expected a source of hall, pump, found "attic"',
    );
  });
});
