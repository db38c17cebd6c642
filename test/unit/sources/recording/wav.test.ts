import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceItem } from '../../../../src/core/signal/frame.js';
import { type FileOptions, FileSource } from '../../../../src/sources/recording/file.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { root } from '../../../support/tools.js';
import { sine, type WavOptions, wavBytes } from '../../../support/wav.js';

const folder = temporaryFolder();

/** Writes a file and returns where. */
function file(bytes: Uint8Array, name = 'a.wav'): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function read(path: string, options: Partial<FileOptions> = {}) {
  const items: SourceItem[] = [];
  const signal = new AbortController().signal;
  for await (const item of new FileSource({ id: 'file', path, ...options }).frames(signal)) {
    items.push(item.kind === 'frame' ? { ...item, data: item.data.slice() } : item);
  }
  const frames = items.filter((item) => item.kind === 'frame');
  const samples = Float32Array.from(frames.flatMap(({ data }) => [...data]));
  return { items, frames, samples, gaps: items.filter((item) => item.kind === 'gap') };
}

const never = new AbortController().signal;

/** What this process holds open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });
}

const tone = sine(440, 16_000, 1600);

function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}

describe('a WAV file', () => {
  const encodings: readonly [string, WavOptions, number][] = [
    ['8 bit', { bits: 8 }, 0.02],
    ['16 bit', { bits: 16 }, 1e-4],
    ['24 bit', { bits: 24 }, 1e-6],
    ['32 bit', { bits: 32 }, 1e-6],
    ['float 32', { kind: 'float', bits: 32 }, 0],
    ['float 64', { kind: 'float', bits: 64 }, 0],
    ['extensible 24 bit', { bits: 24, extensible: true }, 1e-6],
    ['extensible float', { kind: 'float', bits: 32, extensible: true }, 0],
    ['RF64, with another chunk behind its data', { rf64: true }, 1e-4],
    ['with a chunk of odd length before its format', { junkBytes: 4097 }, 1e-4],
  ];
  it.each(encodings)('of %s gives its samples', async (_, options, tolerance) => {
    const { samples } = await read(file(wavBytes(tone, options)));
    expect(samples).toHaveLength(tone.length);
    expect(furthest(samples, tone)).toBeLessThanOrEqual(tolerance);
  });

  it('is closed each time it has been played, and when it cannot be', async () => {
    const path = file(wavBytes(sine(440, 16_000, 64_000)), 'often.wav');
    let frames = 0;
    for await (const item of new FileSource({ id: 'file', path, loop: true }).frames(never)) {
      if (item.kind === 'frame') frames += 1;
      if (frames > 500) break;
    }
    const bad = file(Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(200_000)]), 'often-bad.wav');
    await expect(read(bad)).rejects.toMatchObject({ code: 'SOURCE_FORMAT' });
    await expect.poll(() => openFiles().filter((name) => name.includes('often'))).toEqual([]);
  });

  it('of two channels is mixed to one, or gives the one asked for', async () => {
    const stereo = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 0.5 : 0.25));
    const path = file(wavBytes(stereo, { channels: 2, kind: 'float', bits: 32 }));
    expect([...new Set((await read(path)).samples)]).toEqual([0.375]);
    expect([...new Set((await read(path, { channel: 1 })).samples)]).toEqual([0.25]);
  });

  it('of several channels gives a mix of those asked for, and refuses one that is not there', async () => {
    const three = Float32Array.from({ length: 300 }, (_, i) => [0.5, 0.25, 1][i % 3] ?? 0);
    const path = file(wavBytes(three, { channels: 3, kind: 'float', bits: 32 }));
    expect([...new Set((await read(path, { channel: [0, 2] })).samples)]).toEqual([0.75]);
    await expect(read(path, { channel: [0, 3] })).rejects.toMatchObject({
      code: 'SOURCE_FORMAT',
      message: 'file: expected channel 0, 3, found 3 counted from 0',
    });
  });

  it('whose sides cancel says so', async () => {
    const sides = Float32Array.from(
      { length: 96_000 },
      (_, i) => Math.sin((i >> 1) / 9) * (i % 2 ? 0.4 : -0.4),
    );
    const told: string[] = [];
    const path = file(wavBytes(sides, { channels: 2 }));
    await read(path, { onMix: ({ detail }) => told.push(detail) });
    expect(told).toEqual([expect.stringContaining('opposite phase')]);
  });

  it('gives the same samples whatever is read at a time', async () => {
    const path = file(wavBytes(sine(300, 44_100, 3000), { rateHz: 44_100, bits: 24 }));
    const whole = await read(path);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9000 }), async (readBytes) => {
        expect((await read(path, { readBytes })).items).toEqual(whole.items);
      }),
      { numRuns: 25 },
    );
  });

  it.each([0, 0x7fffffff, 0x80000000, 0x7ffff000, 0x7fffff00, 0xffffffff, 0xffffffdb])(
    'whose length is not known, as a pipe leaves it (%d), is read to its end',
    async (claimedBytes) => {
      const { samples, gaps } = await read(file(wavBytes(tone, { claimedBytes })));
      expect([samples.length, gaps.length]).toEqual([1600, 0]);
    },
  );

  it.each([
    ['A-law', 6, [0xd5, 0x55, 0xaa, 0x2a, 0x80], [8, -8, 32_256, -32_256, 5504]],
    ['mu-law', 7, [0xff, 0x7f, 0x80, 0x00, 0xf0], [0, 0, 32_124, -32_124, 120]],
  ])('of G.711 (%s) gives its samples', async (_, tag, codes, values) => {
    const bytes = wavBytes(new Float32Array(codes.length), { bits: 8, tag });
    bytes.set(codes, 44);
    const { samples } = await read(file(bytes));
    expect([...samples].map((value) => value * 32_768 + 0)).toEqual(values);
  });

  it('that is cut short gives what it has and says what it lacks', async () => {
    const { samples, gaps } = await read(file(wavBytes(tone).subarray(0, 44 + 1001)));
    expect(samples).toHaveLength(500);
    expect(gaps).toMatchObject([{ sample: 500, lostSamples: 1100, reason: 'lost' }]);
  });

  it('with samples that are not numbers has a gap where they stand', async () => {
    const broken = Float32Array.from(tone);
    broken.fill(Number.NaN, 300, 340);
    broken[900] = Number.POSITIVE_INFINITY;
    const { items, gaps } = await read(file(wavBytes(broken, { kind: 'float', bits: 32 })));
    expect(gaps).toMatchObject([
      { sample: 300, lostSamples: 40, reason: 'garbage' },
      { sample: 900, lostSamples: 1, reason: 'garbage' },
    ]);
    expect(items.at(-1)).toMatchObject({ kind: 'frame', sample: 901 });
  });

  it('keeps its clock over a gap when it is resampled', async () => {
    const broken = sine(440, 48_000, 4800);
    broken.fill(Number.NaN, 2400, 3000);
    const { gaps, frames } = await read(file(wavBytes(broken, { kind: 'float', bits: 32, rateHz: 48_000 })));
    expect(gaps).toMatchObject([{ sample: 800, lostSamples: 200 }]);
    const last = frames.at(-1);
    expect((last?.sample ?? 0) + (last?.data.length ?? 0)).toBe(1600);
  });

  it('that loops goes on with its clock and breaks off at each seam', async () => {
    const path = file(wavBytes(tone));
    const controller = new AbortController();
    const seams: number[] = [];
    for await (const item of new FileSource({ id: 'file', path, loop: true }).frames(controller.signal)) {
      if (item.kind === 'gap') seams.push(item.sample);
      if (seams.length === 3) controller.abort();
    }
    expect(seams).toEqual([1600, 3200, 4800]);
  });
});

describe('what is not a recording', () => {
  const bad: readonly [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /expected WAV .* found an empty file/],
    ['text', Buffer.from('hello, I am a text'), /expected WAV .* found "hello, I am /],
    ['half a header', wavBytes(tone).subarray(0, 30), /found the end of the file|found 10/],
    ['a WAV of A-law', withTag(wavBytes(tone), 6), /expected PCM .* found format 6 of 16 bits/],
    ['a WAV without samples', wavBytes([]), /expected audio, found no samples/],
    ['a WAV of no channels', withChannels(wavBytes(tone), 0), /expected 1 to 64 channels, found 0/],
    ['an Ogg without audio', Buffer.from('OggS but nothing of it'), /expected Vorbis or Opus/],
    ['a FLAC without audio', Buffer.from('fLaC but nothing of it'), /expected flac audio/],
  ];
  it.each(bad)('is refused with what was expected and found: %s', async (_, bytes, message) => {
    const reading = read(file(bytes, 'bad'));
    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_FORMAT' });
    await expect(reading).rejects.toThrow(message);
  });

  it('is told apart from one that cannot be read', async () => {
    await expect(read(join(folder, 'none.wav'))).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});

describe('a compressed recording', () => {
  it.each(['tone.flac', 'tone.ogg', 'tone.opus'])('%s gives its tone at 16 kHz', async (name) => {
    const { samples, frames } = await read(join(root, 'fixtures/formats', name));
    expect(frames[0]?.rateHz).toBe(16_000);
    // Ogg Opus has no last sample but that of its page.
    expect(samples.length / 16_000).toBeCloseTo(1, name === 'tone.opus' ? 1 : 3);
    const middle = samples.slice(4000, 12_000);
    expect(level(middle, 1000)).toBeGreaterThan(0.2);
    expect(level(middle, 3000)).toBeLessThan(0.01);
  });

  it('is heard to its last sample, silent or not', async () => {
    const { samples } = await read(join(root, 'fixtures/formats/silent-end.flac'));
    expect(samples).toHaveLength(5696);
    expect(samples.slice(-1600).every((sample) => sample === 0)).toBe(true);
  });
});

/** Amplitude at one frequency, by correlation. */
function level(samples: Float32Array, frequencyHz: number): number {
  const step = (2 * Math.PI * frequencyHz) / 16_000;
  const re = samples.reduce((sum, value, i) => sum + value * Math.cos(step * i), 0);
  const im = samples.reduce((sum, value, i) => sum + value * Math.sin(step * i), 0);
  return (2 * Math.hypot(re, im)) / samples.length;
}

function withTag(bytes: Buffer, tag: number): Buffer {
  bytes.writeUInt16LE(tag, 20);
  return bytes;
}

function withChannels(bytes: Buffer, channels: number): Buffer {
  bytes.writeUInt16LE(channels, 22);
  return bytes;
}
