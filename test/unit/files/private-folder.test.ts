import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePrivateFolder, makePrivateFolderSync } from '../../../src/files/private-folder.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe.each([
  ['at once', async (path: string) => makePrivateFolderSync(path)],
  ['without waiting', makePrivateFolder],
])('a private folder, made %s', (_how, make) => {
  it('is its owner’s alone, with what was missing above it', async () => {
    const path = join(temporaryFolder(), 'state', 'journal');
    await make(path);
    expect([modeOf(dirname(path)), modeOf(path)]).toEqual([0o700, 0o700]);
  });

  it('is closed where it was open to all; what is above it stays', async () => {
    const above = join(temporaryFolder(), 'state');
    const path = join(above, 'journal');
    mkdirSync(path, { recursive: true });
    for (const each of [above, path]) chmodSync(each, 0o755);
    await make(path);
    expect([modeOf(above), modeOf(path)]).toEqual([0o755, 0o700]);
  });
});
