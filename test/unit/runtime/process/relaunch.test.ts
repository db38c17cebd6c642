import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { LAUNCH_ENV, LAUNCH_FLAGS } from '../../../../src/runtime/process/launch-flags.js';
import { Daemon } from '../../../support/daemon.js';
import { root } from '../../../support/tools.js';

vi.setConfig({ testTimeout: 120_000 });

const LISTENS = `
sources: [{ id: mic, kind: file, path: ${join(root, 'fixtures/voice/settled.wav')}, realtime: true, loop: true }]
dashboard: { enabled: false }
`;

describe.runIf(process.platform === 'linux')('a plain `node dist/cli.js run`', () => {
  it('becomes what is started with the options of a long listener, in the same process', async () => {
    const daemon = Daemon.run(LISTENS, { env: { MALLOC_ARENA_MAX: '2' } });
    await daemon.health('catnap', 'ok');
    const read = (name: string) => readFileSync(`/proc/${daemon.child.pid}/${name}`, 'utf8').split('\0');
    expect(read('cmdline').slice(1, 3 + LAUNCH_FLAGS.length)).toEqual([
      ...LAUNCH_FLAGS,
      join(root, 'dist/cli.js'),
      'run',
    ]);
    const expected = { ...LAUNCH_ENV, MALLOC_ARENA_MAX: '2' };
    expect(read('environ')).toEqual(
      expect.arrayContaining(Object.entries(expected).map(([name, value]) => `${name}=${value}`)),
    );
    daemon.child.kill('SIGTERM');
    expect(await daemon.exit()).toBe(0);
  });
});
