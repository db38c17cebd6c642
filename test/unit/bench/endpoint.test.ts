import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { benchEndpoint } from '../../../src/bench/endpoint.js';
import { audioOf, music, noise, SPOKEN } from '../../support/sounds.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { wavBytes } from '../../support/wav.js';

const folder = temporaryFolder();

function recording(name: string, samples: Float32Array): string {
  const path = join(folder, name);
  writeFileSync(path, wavBytes(samples));
  return path;
}

it('counts how utterances end over each background, by level alone', async () => {
  const spoken = (await audioOf('settled')).slice(SPOKEN.startSample, SPOKEN.endSample);
  let heard = 0;
  const result = await benchEndpoint({
    sentences: [
      {
        corpus: 'orders',
        path: recording('order.wav', spoken),
        label: '',
        keywords: [],
        text: '',
        endSeconds: null,
        group: '',
      },
    ],
    backgrounds: [
      { kind: 'noise', paths: [recording('hiss.wav', noise(5 * 16_000, 0.02))] },
      { kind: 'music', paths: [0, 1].map((i) => recording(`band-${i}.wav`, music(4 * 16_000, 0.02))) },
    ],
    snrDb: 3,
    gainDb: 0,
    gate: {
      fromHz: 200,
      openDb: 6,
      holdMs: 800,
      preRollMs: 0,
      lowestFloorDb: -70,
      riseDbPerSecond: 2,
      napMs: 0,
    },
    utterance: { leadMs: 0, endSilenceMs: 700, startTimeoutMs: 3000, maxMs: 8000 },
    endpointer: null,
    onUtterance: () => {
      heard += 1;
    },
  });
  expect(heard).toBe(2);
  expect(result).toMatchObject({ utterances: 2, snrDb: 3 });
  expect(result.backgrounds.music).toMatchObject({ utterances: 1, timeouts: 1 });
  expect(result.inTime + result.late + result.early + result.timeouts).toBe(2);
});
