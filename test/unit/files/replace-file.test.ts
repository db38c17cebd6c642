import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaceFile } from '../../../src/files/replace-file.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('a file that is replaced', () => {
  it('has the new text, for its owner alone', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'state.json');
    replaceFile(path, 'old');
    replaceFile(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('stays as it was, with nothing beside it, where it cannot be', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken'));
    expect(() => replaceFile(join(folder, 'taken'), 'text')).toThrow(
      expect.objectContaining({ code: 'EISDIR' }),
    );
    expect(readdirSync(folder)).toEqual(['taken']);
    expect(() => replaceFile(join(folder, 'none', 'file'), 'text')).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    );
  });
});
