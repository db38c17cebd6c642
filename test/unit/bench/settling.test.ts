import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../../src/bench/dataset.js';
import { KeptScores } from '../../../src/bench/kept-scores.js';
import { gradeSettling } from '../../../src/bench/settling.js';
import { intentsSchema, voiceSchema } from '../../../src/runtime/config.js';
import { goldenPcm } from '../../support/recordings.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { wavBytes } from '../../support/wav.js';

/** "Turn on the kitchen light", without the wake word before it, labelled in several ways. */
function orders(labels: readonly string[]): string {
  const folder = temporaryFolder();
  const order = [...goldenPcm('settled').subarray(50_000, 78_000)].map((sample) => sample / 32_768);
  writeFileSync(join(folder, 'order.wav'), wavBytes(order));
  const rows = labels.map((label, at) => `order.wav,"${label.replaceAll('"', '""')}",voice${at}\n`);
  writeFileSync(join(folder, 'orders.csv'), `file,label,source\n${rows.join('')}`);
  return folder;
}

describe('settling, graded', () => {
  it('holds what would be settled against all that was ordered, and hears nothing twice', async () => {
    const labels = [
      '{"intent":"light.on","slots":{"room":"kitchen"}}',
      '{"intent":"light.on"}',
      'light.on',
      'stop',
    ];
    const data = orders(labels);
    const scores = join(data, 'scores.jsonl');
    const graded = () =>
      gradeSettling({
        recordings: readDataset(data),
        config: voiceSchema.parse({ kind: 'voice', recogniser: { models: ['moonshine'] } }),
        intents: intentsSchema.parse({}),
        onRecording: () => {},
        scores: new KeptScores(scores),
      });
    const first = await graded();
    // Of the second nobody named a room, and the last is another order.
    expect(first.map(({ group, isRight }) => [group, isRight])).toEqual([
      ['voice0', true],
      ['voice1', false],
      ['voice2', true],
      ['voice3', false],
    ]);
    const heard = readFileSync(scores, 'utf8');
    expect(heard.trim().split('\n')).toHaveLength(4);
    expect(await graded()).toEqual(first);
    expect(readFileSync(scores, 'utf8')).toBe(heard);
  }, 60_000);
});
