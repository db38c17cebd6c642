import { describe, expect, it } from 'vitest';
import type { Frame, Gap, SignalFormat, Source, SourceItem } from '../../../src/core/signal/frame.js';
import { ResampledSource } from '../../../src/sources/resampled.js';
import { sine } from '../../support/wav.js';

const RATE_HZ = 48_000;
const format: SignalFormat = {
  kind: 'format',
  source: 'mic',
  rateHz: RATE_HZ,
  channels: [{ name: 'audio', unit: 'FS' }],
};

function frame(data: Float32Array, sample: number): Frame {
  return { kind: 'frame', source: 'mic', sample, rateHz: RATE_HZ, channels: 1, data };
}

function gap(sample: number, lostSamples: number): Gap {
  return { kind: 'gap', source: 'mic', sample, lostSamples, reason: 'overrun' };
}

async function heard(...items: readonly SourceItem[]) {
  const source: Source = {
    id: 'mic',
    async *frames() {
      yield* items;
    },
  };
  const found: SourceItem[] = [];
  for await (const item of new ResampledSource(source).frames(new AbortController().signal)) {
    found.push(item.kind === 'frame' ? { ...item, data: item.data.slice() } : item);
  }
  const frames = found.filter((item) => item.kind === 'frame');
  return { found, frames, samples: Float32Array.from(frames.flatMap(({ data }) => [...data])) };
}

describe('a microphone at another rate', () => {
  it('is heard at 16 kHz, on its own clock, whatever its frames', async () => {
    const tone = sine(500, RATE_HZ, 4800);
    const pieces = [0, 1000, 1001, 3000].map((at, i, all) => frame(tone.slice(at, all[i + 1] ?? 4800), at));
    const { found, frames, samples } = await heard(format, ...pieces);
    expect(found[0]).toMatchObject({ kind: 'format', rateHz: 16_000 });
    expect(samples).toHaveLength(1600);
    const wanted = sine(500, 16_000, 1600).slice(200, 1400);
    samples.slice(200, 1400).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i] as number, 2);
    });
    let next = 0;
    for (const { sample, data } of frames) {
      expect(sample).toBe(next);
      next += data.length;
    }
  });

  it('keeps its clock over a loss, and joins nothing across it', async () => {
    const { found, samples } = await heard(
      format,
      frame(new Float32Array(4800).fill(0.5), 0),
      gap(4800, 9600),
      frame(new Float32Array(4800), 14_400),
    );
    expect(found.filter(({ kind }) => kind === 'gap')).toMatchObject([{ sample: 1600, lostSamples: 3200 }]);
    const after = found.slice(found.findIndex(({ kind }) => kind === 'gap') + 1);
    expect(after[0]).toMatchObject({ kind: 'frame', sample: 4800 });
    expect(samples.slice(1600).every((value) => value === 0)).toBe(true);
  });

  it('goes on with its clock when the rate changes', async () => {
    const { frames } = await heard(
      format,
      frame(new Float32Array(4800), 0),
      { ...format, rateHz: 32_000 },
      { ...frame(new Float32Array(3200), 4800), rateHz: 32_000 },
    );
    const last = frames.at(-1);
    expect((last?.sample ?? 0) + (last?.data.length ?? 0)).toBe(3200);
  });

  it('of several channels is refused', async () => {
    const stereo: SignalFormat = { ...format, channels: [...format.channels, { name: 'right', unit: 'FS' }] };
    await expect(heard(stereo)).rejects.toMatchObject({ code: 'SOURCE_FORMAT' });
  });
});
