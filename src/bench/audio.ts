import { hashOf, mulberry32 } from '../core/random.js';
import { loudSpan } from '../dsp/trim.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';

/** Speech within this of its loudest 20 ms counts as speech: for its level, and for where a word ends. */
const SPEECH_DB = 25;

/** Where a recording of one word ends, by its energy. */
export function endOfSpeech(samples: Float32Array): number {
  return loudSpan(samples, VOICE_RATE_HZ, SPEECH_DB, 0).end;
}

/** Without the silence that recordings begin and end with, which nobody leaves between a wake word and an order. */
export function spokenPart(samples: Float32Array): Float32Array {
  const { start, end } = loudSpan(samples, VOICE_RATE_HZ, SPEECH_DB, 0);
  return samples.subarray(start, end);
}

/** Numbers from 0 to 1, the same for the same text. */
export function seededRandom(text: string): () => number {
  return mulberry32(hashOf(text));
}

/** The same things in an order of chance. */
export function shuffled<Thing>(things: readonly Thing[], random: () => number): readonly Thing[] {
  const drawn = things.map((thing) => ({ thing, order: random() }));
  return drawn.sort((a, b) => a.order - b.order).map(({ thing }) => thing);
}

/** The last folder of a recording and its file: what its noise is seeded with is the same wherever the data lies. */
export function placeOf(path: string): string {
  return path.split('/').slice(-2).join('/');
}

/** Silence (or noise) before and after a recording, in samples. */
export interface Margins {
  readonly lead: number;
  readonly tail: number;
}

/** Around a word: the refractory time before it, and time for a late detection. */
export const AROUND_WORD: Margins = { lead: 1.2 * VOICE_RATE_HZ, tail: 0.8 * VOICE_RATE_HZ };
export const AROUND_OTHERS: Margins = { lead: 0.4 * VOICE_RATE_HZ, tail: 0.4 * VOICE_RATE_HZ };

/**
 * A recording with `lead` and `tail` samples around it, over noise at `snrDb` below its speech. The noise starts
 * anywhere and goes round; it runs through the margins as well, as it would in a room. Scaled down where it would
 * clip.
 */
export function mixNoise(
  samples: Float32Array,
  noise: Float32Array,
  options: {
    readonly snrDb: number;
    readonly lead: number;
    readonly tail: number;
    readonly random: () => number;
  },
): Float32Array {
  const { lead, tail, snrDb, random } = options;
  const mixed = new Float32Array(lead + samples.length + tail);
  const offset = Math.floor(random() * noise.length);
  for (let i = 0; i < mixed.length; i++) mixed[i] = noise[(offset + i) % noise.length] as number;
  const span = loudSpan(samples, VOICE_RATE_HZ, SPEECH_DB, 0);
  const speechPower = power(samples.subarray(span.start, span.end));
  const noisePower = power(mixed.subarray(lead, lead + samples.length));
  const gain = noisePower === 0 ? 0 : Math.sqrt(speechPower / noisePower / 10 ** (snrDb / 10));
  let peak = 1;
  for (let i = 0; i < mixed.length; i++) {
    const speech = i >= lead && i < lead + samples.length ? (samples[i - lead] as number) : 0;
    const value = (mixed[i] as number) * gain + speech;
    mixed[i] = value;
    peak = Math.max(peak, Math.abs(value));
  }
  if (peak > 1) for (let i = 0; i < mixed.length; i++) mixed[i] = (mixed[i] as number) / peak;
  return mixed;
}

/** A recording with silence around it that is not digital: noise of a microphone at -80 dBFS. */
export function padded(
  samples: Float32Array,
  lead: number,
  tail: number,
  random: () => number,
): Float32Array {
  const whole = new Float32Array(lead + samples.length + tail);
  for (let i = 0; i < whole.length; i++) whole[i] = (random() - 0.5) * SELF_NOISE;
  whole.set(samples, lead);
  return whole;
}

const SELF_NOISE = 2 * 10 ** (-80 / 20) * Math.sqrt(3);

function power(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : sum / samples.length;
}

const PINK_SECONDS = 10;

/**
 * Noise that falls by 3 dB an octave, as most rooms' does: the sum of random values that are drawn anew ever more
 * seldom (Voss and McCartney; Gardner, Scientific American 238, 1978).
 */
export function pinkNoise(random: () => number): Float32Array {
  const rows = new Float64Array(12);
  const noise = new Float32Array(PINK_SECONDS * VOICE_RATE_HZ);
  for (let i = 0; i < noise.length; i++) {
    const row = Math.min(rows.length - 1, 31 - Math.clz32((i + 1) & -(i + 1)));
    rows[row] = random() - 0.5;
    noise[i] = (rows.reduce((sum, value) => sum + value, 0) + random() - 0.5) / rows.length;
  }
  return noise;
}
