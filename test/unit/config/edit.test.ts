import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { editConfig } from '../../../src/config/edit.js';
import { renderConfig } from '../../../src/config/first-config.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const BY_HAND = `# my house
sources:
  - { id: kitchen, kind: microphone, device: 'plughw:CARD=Device' }   # by the window
cascades:
    voice:
        kind: voice
        tiny: { words: [computer, jarvis] }    # the two we like

intents:
  lists: { size: [small,
                  large] }
journal: { enabled: true }
actions: { dryRun: false }

# the end
`;

function written(text: string): string {
  const file = join(temporaryFolder(), 'catnap.yaml');
  writeFileSync(file, text);
  return file;
}

/** Lines that are there only before, and only after. */
function changedLines(before: string, file: string) {
  const [was, now] = [before.split('\n'), readFileSync(file, 'utf8').split('\n')];
  return {
    gone: was.filter((line) => !now.includes(line)),
    fresh: now.filter((line) => !was.includes(line)),
  };
}

describe('editing a configuration', () => {
  it('changes the line that it has to, and leaves every other as it was written', () => {
    const file = written(BY_HAND);
    editConfig(file, (document) => document.setIn(['cascades', 'voice', 'tiny', 'words', 2], 'alexa'));
    expect(changedLines(BY_HAND, file)).toEqual({
      gone: ['        tiny: { words: [computer, jarvis] }    # the two we like'],
      fresh: ['        tiny: { words: [ computer, jarvis, alexa ] } # the two we like'],
    });
  });

  it('changes what a link leads to, and leaves the link', () => {
    const file = written(BY_HAND);
    const link = join(temporaryFolder(), 'catnap.yaml');
    symlinkSync(file, link);
    editConfig(link, (document) => document.setIn(['actions', 'dryRun'], true));
    expect(readFileSync(file, 'utf8')).toContain('dryRun: true');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it('waits for nobody who is gone, and leaves nothing behind', () => {
    const file = written(BY_HAND);
    writeFileSync(`${file}.lock`, String(spawnSync(process.execPath, ['-e', '']).pid));
    editConfig(file, (document) => document.setIn(['actions', 'dryRun'], true));
    expect(readdirSync(dirname(file))).toEqual(['catnap.yaml']);
  });

  it('changes several places at once', () => {
    const file = written(BY_HAND);
    editConfig(file, (document) => {
      document.setIn(['sources', 0, 'id'], 'office');
      document.setIn(['actions', 'dryRun'], true);
    });
    const { gone, fresh } = changedLines(BY_HAND, file);
    expect(gone).toHaveLength(2);
    expect(fresh).toEqual([expect.stringContaining('id: office'), expect.stringContaining('dryRun: true')]);
  });

  it('adds to what `catnap init` wrote without moving its comments', () => {
    const first = renderConfig({
      name: 'attic',
      source: { kind: 'microphone', id: 'mic', settings: {} },
      words: null,
      provider: null,
      broker: null,
    });
    const file = written(first);
    editConfig(file, (document) => document.setIn(['cascades'], { voice: { kind: 'voice' } }));
    expect(changedLines(first, file).gone).toEqual([]);
    expect(changedLines(first, file).fresh).toEqual(['cascades:', '  voice:', '    kind: voice']);
  });

  it('takes out a line again', () => {
    const file = written(BY_HAND);
    editConfig(file, (document) => document.deleteIn(['actions']));
    expect(changedLines(BY_HAND, file)).toEqual({ gone: ['actions: { dryRun: false }'], fresh: [] });
  });

  it.each([
    ['sources: [{ id: kitchen }', 'catnap.yaml:1:26 (top)'],
    ['hello', 'catnap.yaml:1:1 (top): expected object, found "hello"'],
    ['cascades: 5', 'catnap.yaml:1:11 cascades: expected record, found 5'],
  ])('says of what is no configuration what is wrong with it: %s', (text, said) => {
    const file = written(text);
    const change = () =>
      editConfig(file, (document) => document.setIn(['cascades', 'voice', 'ringMs'], 4000));
    expect(change).toThrow(said);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
