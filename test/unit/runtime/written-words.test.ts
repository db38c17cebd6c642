import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeAccepts } from '../../../src/commands/words-file.js';
import { loadConfig } from '../../../src/config/load.js';
import { WrittenWords } from '../../../src/runtime/written-words.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

it('moves a word of the owner in its file, and knows none of those that were trained', () => {
  const path = join(temporaryFolder(), 'catnap.yaml');
  const words = '[computer, { say: hey pumpkin }] # mine';
  writeFileSync(
    path,
    `sources: [{ id: hall, kind: microphone }]\ncascades:\n  voice:\n    kind: voice\n    tiny:\n      words: ${words}\n`,
  );
  const written = new WrittenWords({
    read: () => loadConfig(path),
    believeFrom: (accept, { cascade, label }) =>
      writeAccepts([{ name: label, accept }], { config: path, cascade }),
  });
  expect([written.of('hall', 'hey_pumpkin'), written.of('hall', 'computer')]).toEqual([0.5, null]);
  written.set('hall', 'hey_pumpkin', 0.7);
  expect(written.of('hall', 'hey_pumpkin')).toBe(0.7);
  expect(readFileSync(path, 'utf8')).toContain('# mine');
  expect(new WrittenWords(null).of('hall', 'hey_pumpkin')).toBeNull();
});
