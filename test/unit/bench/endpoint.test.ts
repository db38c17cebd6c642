import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Recording } from '../../../src/bench/dataset.js';
import { benchEndpoint } from '../../../src/bench/endpoint.js';
import { audioOf, music, noise, SPOKEN } from '../../support/sounds.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { wavBytes } from '../../support/wav.js';

const folder = temporaryFolder();

function recording(corpus: Recording['corpus'], name: string, samples: Float32Array): Recording {
  const path = join(folder, name);
  writeFileSync(path, wavBytes(samples));
  return { corpus, path, label: '', keywords: [], text: '', endSeconds: null, group: '' };
}

it('counts how utterances end over each background, by level alone', async () => {
  const spoken = (await audioOf('settled')).slice(SPOKEN.startSample, SPOKEN.endSample);
  let heard = 0;
  const result = await benchEndpoint({
    sentences: [recording('orders', 'order.wav', spoken)],
    backgrounds: [
      recording('noise', 'hiss.wav', noise(5 * 16_000, 0.02)),
      recording('negatives', 'band.wav', music(8 * 16_000, 0.02)),
    ],
    snrDb: 3,
    gate: { openDb: 6, holdMs: 800, preRollMs: 0, lowestFloorDb: -70, riseDbPerSecond: 2, napMs: 0 },
    utterance: { leadMs: 0, endSilenceMs: 700, startTimeoutMs: 3000, maxMs: 8000 },
    endpointer: null,
    kindOf: ({ corpus }) => corpus,
    onUtterance: () => {
      heard += 1;
    },
  });
  expect(heard).toBe(2);
  expect(result).toMatchObject({ utterances: 2, snrDb: 3 });
  expect(result.backgrounds.negatives).toMatchObject({ utterances: 1, timeouts: 1 });
  expect(result.inTime + result.late + result.early + result.timeouts).toBe(2);
});
