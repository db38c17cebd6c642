import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchSearch } from '../../../src/bench/search.js';
import { listed } from '../../support/listed-words.js';
import { voiceRecording } from '../../support/replay.js';

const searched = (networks: readonly string[]) =>
  benchSearch({
    data: listed('hey alexa', 1),
    negatives: [dirname(voiceRecording('settled'))],
    hours: 0.002,
    networks,
    seed: 'test',
  });

describe('the benchmark of the search for own words', () => {
  it('misses more and wakes less, the surer a word must be, and the same with the same network', async () => {
    const [first, again] = await searched(['phones', 'phones']);
    expect(first).toMatchObject({ network: 'phones', clips: 1, cpuRatio: 1 });
    expect(again?.points).toEqual(first?.points);
    const points = first?.points ?? [];
    for (const [at, { missed, wakeUpsPerHour }] of points.slice(1).entries()) {
      expect(missed).toBeGreaterThanOrEqual(points[at]?.missed ?? 0);
      expect(wakeUpsPerHour).toBeLessThanOrEqual(points[at]?.wakeUpsPerHour ?? 0);
    }
  });

  it('refuses a network that names other sounds than words are spelt in', async () => {
    await expect(searched(['wake-tiny'])).rejects.toThrow(/network wake-tiny: expected the 191 labels/);
  });
});
