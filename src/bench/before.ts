import { loudestBlock, loudSpan } from '../dsp/trim.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import { pinkNoise } from './audio.js';

/** What is heard right before a recording of a wake word, as loud as that. */
export const BEFORES = ['silence', 'talk', 'music', 'noise'] as const;
export type Before = (typeof BEFORES)[number];

/** Whole hops. */
const SAMPLES = 2.56 * VOICE_RATE_HZ;
/** Sound is what stands within this of its loudest 20 ms. */
const SOUND_DB = 30;
/** Steps of a minor scale above a low A, in half-tones, and how long a chord lasts. */
const SCALE = [0, 3, 5, 7, 10, 12];
const LOW_A_HZ = 110;
const CHORD_MS = 350;
const OVERTONES = 6;

/**
 * 2.56 s of it, as loud as `clip` at the loudest: the end of a recording of the folder, or what is made
 * here where there is none of its kind. Null for silence.
 */
export function soundBefore(
  before: Before,
  recorded: Float32Array | null,
  clip: Float32Array,
  random: () => number,
): Float32Array | null {
  switch (before) {
    case 'silence':
      return null;
    case 'music':
      return likeLevelOf(clip, music(random));
    case 'talk':
    case 'noise':
      return likeLevelOf(clip, recorded ?? pinkNoise(random));
  }
}

/** The end of a sound, again from the front where it is short, as loud at the loudest as `clip`. */
function likeLevelOf(clip: Float32Array, sound: Float32Array): Float32Array {
  const { start, end } = loudSpan(sound, VOICE_RATE_HZ, SOUND_DB, 0);
  const length = Math.max(1, end - start);
  const heard = Float32Array.from(
    { length: SAMPLES },
    (_, i) => sound[end - 1 - ((SAMPLES - 1 - i) % length)] ?? 0,
  );
  const gain = Math.sqrt(loudestBlock(clip, VOICE_RATE_HZ) / loudestBlock(heard, VOICE_RATE_HZ));
  return heard.map((value) => Math.max(-1, Math.min(1, value * gain)));
}

/** Plucked chords, one after the other: tones with overtones that die away, which talk and noise have not. */
function music(random: () => number): Float32Array {
  const samples = new Float32Array(SAMPLES);
  const chordSamples = (CHORD_MS * VOICE_RATE_HZ) / 1000;
  const drawn = () => SCALE[Math.floor(random() * SCALE.length)] ?? 0;
  let tones: readonly number[] = [];
  for (let i = 0; i < samples.length; i++) {
    if (i % chordSamples === 0)
      tones = Array.from({ length: 3 }, (_, octave) => LOW_A_HZ * 2 ** (octave + drawn() / 12));
    const seconds = (i % chordSamples) / VOICE_RATE_HZ;
    let sum = 0;
    for (const toneHz of tones) {
      for (let k = 1; k <= OVERTONES; k++)
        sum += (Math.sin(2 * Math.PI * k * toneHz * seconds) / k) * Math.exp(-3 * k * seconds);
    }
    samples[i] = sum / 6;
  }
  return samples;
}
