import { CatnapError } from '../../core/errors.js';
import { Block } from '../../core/signal/block.js';
import { sampleReader } from '../../core/signal/pcm.js';
import { Resampler } from '../../dsp/resample.js';
import { VOICE_RATE_HZ } from '../mono.js';
import type { AudioFormat } from './protocol.js';

/** Makes of raw samples of any format what voice models listen to: one channel at 16 kHz. */
export class ToVoice {
  readonly #format: AudioFormat;
  readonly #read: (bytes: Uint8Array) => Float32Array;
  readonly #mixed = new Block();
  readonly #resampler: Resampler | null;

  constructor(format: AudioFormat) {
    this.#format = format;
    this.#read = sampleReader({ kind: 'signed', bytes: format.bytesPerSample as 2 | 3 | 4 });
    this.#resampler = format.rateHz === VOICE_RATE_HZ ? null : new Resampler(format.rateHz, VOICE_RATE_HZ);
  }

  /** Whether another format is the same. */
  isFor({ rateHz, bytesPerSample, channels }: AudioFormat): boolean {
    const { rateHz: rate, bytesPerSample: bytes, channels: all } = this.#format;
    return rate === rateHz && bytes === bytesPerSample && all === channels;
  }

  /**
   * The samples of a chunk; a view that the next call overwrites.
   * @throws CatnapError `SOURCE_FORMAT` for a chunk that ends in the midst of a sample.
   */
  push(chunk: Uint8Array): Float32Array {
    const { channels, bytesPerSample } = this.#format;
    const wholeBytes = channels * bytesPerSample;
    if (chunk.length % wholeBytes !== 0)
      throw new CatnapError(
        'SOURCE_FORMAT',
        `Wyoming: expected whole samples of ${wholeBytes} bytes, found a chunk of ${chunk.length}`,
      );
    const mono = this.#mono(this.#read(chunk), channels);
    return this.#resampler === null ? mono : this.#resampler.push(mono);
  }

  #mono(samples: Float32Array, channels: number): Float32Array {
    if (channels === 1) return samples;
    const mono = this.#mixed.of(samples.length / channels);
    for (let i = 0; i < mono.length; i++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += samples[i * channels + c] as number;
      mono[i] = sum / channels;
    }
    return mono;
  }
}
