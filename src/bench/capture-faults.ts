import { VOICE_RATE_HZ } from '../sources/mono.js';
import { seededRandom } from './audio.js';

/** What a microphone, its room and its sound card do to a signal. */
export interface CaptureFaults {
  /** Raised by this; below 0 a quiet microphone. */
  readonly gainDb: number;
  /** Raised by this and clipped at full scale; 0 leaves it alone. */
  readonly clipDb: number;
  /** Level of mains hum (50 Hz and five harmonics), dB re full scale, RMS; null: none. */
  readonly humDb: number | null;
  /** Constant added to every sample, as a share of full scale. */
  readonly dc: number;
  /** Whether it is heard across a room that reverberates for 0.5 s. */
  readonly reverberant: boolean;
}

/** A signal as it is. */
export const NO_FAULTS: CaptureFaults = { gainDb: 0, clipDb: 0, humDb: null, dc: 0, reverberant: false };

const HUM_HZ = 50;
const HUM_HARMONICS = 6;
const ROOM_SECONDS = 0.5;
/** Power of the direct sound over that of the room's tail. */
const DIRECT_DB = 4;
const FULL_SCALE = 32_768;

/**
 * A signal as such a microphone gives it, in steps of 16 bits. The room comes first, then the amplifier, what the card
 * adds to it, and full scale. The phase of the hum is `seed`'s.
 */
export function captured(samples: Float32Array, faults: CaptureFaults, seed: string): Float32Array {
  const { gainDb, clipDb, humDb, dc, reverberant } = faults;
  const heard = reverberant ? reverberated(samples) : Float32Array.from(samples);
  const gain = 10 ** ((gainDb + clipDb) / 20);
  const hum = humDb === null ? 0 : 10 ** (humDb / 20);
  const phase = 2 * Math.PI * seededRandom(`hum ${seed}`)();
  for (let i = 0; i < heard.length; i++) {
    const value = (heard[i] as number) * gain + (hum === 0 ? 0 : hum * humAt(i, phase)) + dc;
    const steps = Math.round(value * FULL_SCALE);
    heard[i] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, steps)) / FULL_SCALE;
  }
  return heard;
}

/** Mains hum of RMS 1: each harmonic has half the amplitude of the one below. */
function humAt(sample: number, phase: number): number {
  let sum = 0;
  let power = 0;
  for (let harmonic = 1; harmonic <= HUM_HARMONICS; harmonic++) {
    const amplitude = 2 ** (1 - harmonic);
    sum += amplitude * Math.sin(harmonic * ((2 * Math.PI * HUM_HZ * sample) / VOICE_RATE_HZ + phase));
    power += amplitude ** 2 / 2;
  }
  return sum / Math.sqrt(power);
}

/**
 * A synthetic room: direct sound and an exponentially decaying tail of noise, as a sparse response (Moorer, "About This
 * Reverberation Business", 1979), always the same.
 */
function reverberated(samples: Float32Array): Float32Array {
  const random = seededRandom('room');
  const taps = Array.from({ length: 400 }, () => {
    const seconds = 0.004 + random() * ROOM_SECONDS;
    const decay = 10 ** ((-3 * seconds) / ROOM_SECONDS);
    return { delay: Math.round(seconds * VOICE_RATE_HZ), weight: (random() < 0.5 ? -1 : 1) * decay };
  });
  const tail = taps.reduce((sum, { weight }) => sum + weight ** 2, 0);
  const share = 1 / Math.sqrt(tail * 10 ** (DIRECT_DB / 10));
  const heard = Float32Array.from(samples);
  for (const { delay, weight } of taps) {
    const gain = weight * share;
    for (let i = delay; i < heard.length; i++)
      heard[i] = (heard[i] as number) + gain * (samples[i - delay] as number);
  }
  return heard;
}
