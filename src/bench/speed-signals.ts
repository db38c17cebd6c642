import { fileURLToPath } from 'node:url';
import { INT16_FULL_SCALE, toInt16 } from '../core/signal/pcm.js';
import { readAudio } from '../sources/recording/read-audio.js';
import { endOfSpeech, seededRandom } from './audio.js';

const RATE_HZ = 16_000;
const SILENCE_SECONDS = 60;
/** A wake word in room noise, and where it stands in it, with the noise before; see `fixtures/README.md`. */
const WORD_FIXTURE = fileURLToPath(new URL('../../fixtures/voice/settled.wav', import.meta.url));
const WORD_FROM_S = 0.4;
const WORD_TO_S = 3.1;
const WORDS = 40;
/** A hop of tiny: pauses differ by up to this, so that words fall anywhere between two hops. */
const HOP_SAMPLES = 1280;

/** A minute of a quiet microphone: noise at -80 dBFS. */
export function quietSamples(): Float32Array {
  const random = seededRandom('silence');
  return Float32Array.from(
    { length: SILENCE_SECONDS * RATE_HZ },
    () => ((random() - 0.5) * 10) / INT16_FULL_SCALE,
  );
}

/** Words of a recording that is played over and over. */
export interface SpokenWords {
  /** Sample, from the recording's beginning, at which each ends. */
  readonly endSamples: readonly number[];
  readonly lengthSamples: number;
}

/** The same wake word many times, about 2.7 s apart. */
export async function repeatedWord(): Promise<{
  readonly samples: Float32Array;
  readonly words: SpokenWords;
}> {
  const recorded = await readAudio(WORD_FIXTURE);
  const word = recorded.subarray(WORD_FROM_S * RATE_HZ, WORD_TO_S * RATE_HZ);
  const random = seededRandom('words');
  const endSamples: number[] = [];
  const pieces: number[] = [];
  for (let i = 0; i < WORDS; i++) {
    pieces.push(...recorded.subarray(0, Math.floor(random() * HOP_SAMPLES)));
    endSamples.push(pieces.length + endOfSpeech(word));
    pieces.push(...word);
  }
  return { samples: Float32Array.from(pieces), words: { endSamples, lengthSamples: pieces.length } };
}

/** Milliseconds from the end of the word that ended last to a sample, one past the last, of the signal; null: none. */
export function sinceWordMs({ endSamples, lengthSamples }: SpokenWords, sample: number): number | null {
  const at = sample % lengthSamples;
  const end = endSamples.findLast((endSample) => endSample <= at);
  return end === undefined ? null : ((at - end) * 1000) / RATE_HZ;
}

/** 16-bit mono WAV at 16 kHz. */
export function wavOf(samples: Float32Array): Buffer {
  const bytes = 2 * samples.length;
  const wav = Buffer.alloc(44 + bytes);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + bytes, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(RATE_HZ, 24);
  wav.writeUInt32LE(2 * RATE_HZ, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(bytes, 40);
  samples.forEach((value, i) => {
    wav.writeInt16LE(toInt16(value), 44 + 2 * i);
  });
  return wav;
}
