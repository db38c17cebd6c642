import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/bench/audio.js';
import { soundBefore } from '../../../src/bench/before.js';
import { loudestBlock } from '../../../src/dsp/trim.js';
import { VOICE_RATE_HZ } from '../../../src/sources/mono.js';

describe('what stands before a word', () => {
  const clip = Float32Array.from({ length: 8000 }, (_, i) => 0.05 * Math.sin(i / 4));
  const made = (before: Parameters<typeof soundBefore>[0], recorded: Float32Array | null = null) =>
    soundBefore(before, recorded, clip, seededRandom('x'));

  it.each(['talk', 'music', 'noise'] as const)('is as loud as the word: %s', (before) => {
    const sound = made(before);
    const level = loudestBlock(sound ?? new Float32Array(0), VOICE_RATE_HZ);
    expect(level / loudestBlock(clip, VOICE_RATE_HZ)).toBeCloseTo(1, 1);
  });

  it('ends as its recording does', () => {
    const recorded = Float32Array.from({ length: 32_000 }, (_, i) => Math.sin(i / 7) * (0.2 + i / 64_000));
    const sound = made('talk', recorded) ?? new Float32Array(0);
    const ratio = (sound.at(-1) ?? 0) / (recorded.at(-1) ?? 1);
    expect(sound.at(-100)).toBeCloseTo(ratio * (recorded.at(-100) ?? 0), 5);
  });

  it('is nothing for silence', () => {
    expect(made('silence')).toBeNull();
  });
});
