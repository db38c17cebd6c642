import { readAudio } from '../../src/sources/recording/read-audio.js';
import { voiceRecording } from './replay.js';

const RATE_HZ = 16_000;

/** Where `settled.wav` says its sentence, from its first sound to its last. */
export const SPOKEN = { startSample: 3.0 * RATE_HZ, endSample: 4.72 * RATE_HZ } as const;

/** A voice recording, whole. */
export function audioOf(name: string): Promise<Float32Array> {
  return readAudio(voiceRecording(name));
}

/** Root mean square. */
export function rmsOf(audio: Float32Array): number {
  return Math.sqrt(audio.reduce((sum, value) => sum + value * value, 0) / audio.length);
}

/** White noise of this root mean square, the same every time. */
export function noise(samples: number, rms: number): Float32Array {
  const random = generator();
  return scaled(
    Float32Array.from({ length: samples }, () => random() - 0.5),
    rms,
  );
}

/** Mains hum: 50 Hz and its harmonics. */
export function hum(samples: number, rms: number): Float32Array {
  const wave = (i: number) =>
    [1, 0.6, 0.4, 0.2].reduce(
      (sum, level, n) => sum + level * Math.sin((2 * Math.PI * 50 * (n + 1) * i) / RATE_HZ),
      0,
    );
  return scaled(
    Float32Array.from({ length: samples }, (_, i) => wave(i)),
    rms,
  );
}

/** Plucked chords with a drum on every beat, 120 a minute: loud, soft and tonal by turns, as no noise is. */
export function music(samples: number, rms: number): Float32Array {
  const random = generator();
  const beat = RATE_HZ / 2;
  const chords = [
    [131, 165, 196],
    [110, 131, 165],
    [175, 220, 262],
    [196, 247, 294],
  ];
  const wave = (i: number) => {
    const since = i % beat;
    const chord = chords[Math.floor(i / beat) % chords.length] as number[];
    const tones = chord.reduce((sum, hz) => sum + Math.sin((2 * Math.PI * hz * i) / RATE_HZ), 0);
    return tones * Math.exp((-4 * since) / beat) + 4 * (random() - 0.5) * Math.exp((-30 * since) / beat);
  };
  return scaled(
    Float32Array.from({ length: samples }, (_, i) => wave(i)),
    rms,
  );
}

/** Adds what stands in `part` from `startSample` on. */
export function mix(onto: Float32Array, part: Float32Array, startSample: number): void {
  for (let i = 0; i < part.length; i++)
    onto[startSample + i] = (onto[startSample + i] as number) + (part[i] as number);
}

function scaled(audio: Float32Array, rms: number): Float32Array {
  const gain = rms / rmsOf(audio);
  return audio.map((value) => value * gain);
}

/** Numbers from 0 to 1 by Numerical Recipes' linear congruential generator. */
function generator(): () => number {
  let seed = 1;
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}
