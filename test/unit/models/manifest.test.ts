import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadManifest } from '../../../src/models/manifest.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('a manifest', () => {
  it('is refused with every fault it has', () => {
    const path = join(temporaryFolder(), 'manifest.json');
    writeFileSync(path, JSON.stringify({ schema: 1, name: 'x', kind: 'wake-tiny', version: '1' }));
    expect(() => loadManifest(path)).toThrow(/licence.*files.*inputs/);
    writeFileSync(path, '{');
    expect(() => loadManifest(path)).toThrow(/expected JSON/);
  });
});
