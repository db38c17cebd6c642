import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchCommands } from '../../../src/bench/commands.js';
import { readDataset } from '../../../src/bench/dataset.js';
import { wilson } from '../../../src/core/intervals.js';
import { recogniserSpec } from '../../support/stages.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { vectorSignal } from '../../support/vector-signal.js';
import { wavBytes } from '../../support/wav.js';

/** A folder laid out as the benchmark's data is: words nobody said, and a noise. */
function dataFolder(): string {
  const folder = temporaryFolder();
  for (const name of ['commands', 'noise']) mkdirSync(join(folder, name));
  const recordings = ['commands/open.wav', 'commands/other.wav', 'noise/sweep.wav'];
  for (const file of recordings) writeFileSync(join(folder, file), wavBytes(vectorSignal(16_000)));
  const rows = ['file,word,speaker', 'commands/open.wav,open,p1', 'commands/other.wav,other00,p1'];
  writeFileSync(join(folder, 'commands.csv'), [...rows, 'commands/gone.wav,open,p1', ''].join('\n'));
  writeFileSync(join(folder, 'noise.csv'), 'file\nnoise/sweep.wav\n');
  return folder;
}

describe('the command benchmark', () => {
  it('counts words, refusals and words out of noise, with intervals, and says what it could not read', async () => {
    let heard = 0;
    const result = await benchCommands({
      recordings: readDataset(dataFolder()),
      recogniser: await recogniserSpec('commands'),
      words: ['open', 'close'],
      minConfidence: 0.4,
      shiftMs: 80,
      onRecording: () => {
        heard += 1;
      },
    });
    expect(heard).toBe(4);
    expect(result).toMatchObject({
      clips: 1,
      correct: 0,
      accuracyInterval: wilson(0, 1),
      otherClips: 1,
      otherRefused: 1,
      elsewhereClips: 1,
      elsewhereRefused: 1,
      elsewhereRefusedInterval: wilson(1, 1),
      recall: { open: { clips: 1, correct: 0, interval: wilson(0, 1) }, close: { clips: 0, correct: 0 } },
      confusion: { open: { '-': 1 }, other: { '-': 1 } },
      transcripts: { commands: { clips: 2, transcripts: 0 }, noise: { clips: 1, transcripts: 0 } },
      shift: { ms: 80, clips: 3, changed: 0 },
    });
    expect(result.unreadable).toEqual([expect.stringContaining('gone.wav')]);
  });
});
