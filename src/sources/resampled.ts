import { CatnapError } from '../core/errors.js';
import type { Frame, Gap, Patience, SignalFormat, Source, SourceItem } from '../core/signal/frame.js';
import { Resampler } from '../dsp/resample.js';
import { VOICE_RATE_HZ } from './mono.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A source of mono audio at another rate, heard at the 16 kHz that voice models want. Its clock is the source's
 * in samples of 16 kHz; at a gap the filter is emptied, and begins anew after it.
 *
 * `frames` throws `SOURCE_FORMAT` for a signal of several channels, and what the source throws.
 */
export class ResampledSource implements Source {
  readonly id: string;
  readonly #source: Source;

  constructor(source: Source) {
    this.id = source.id;
    this.#source = source;
  }

  async *frames(signal: AbortSignal, patience?: Patience): AsyncGenerator<SourceItem> {
    let stretch: Stretch | null = null;
    for await (const item of this.#source.frames(signal, patience)) {
      switch (item.kind) {
        case 'format':
          if (stretch !== null) yield* stretch.finish();
          stretch = new Stretch(item, stretch);
          yield { ...item, rateHz: VOICE_RATE_HZ };
          break;
        case 'gap':
          if (stretch === null) yield item;
          else yield* stretch.breakOff(item);
          break;
        case 'frame':
          stretch ??= new Stretch(item, null);
          yield* stretch.push(item);
          break;
      }
    }
    if (stretch !== null) yield* stretch.finish();
  }
}

/** Conversion from one rate, with the clocks of both sides. */
class Stretch {
  readonly #rateHz: number;
  readonly #resampler: Resampler;
  readonly #frame: Writable<Frame>;
  /** Next sample of the output. */
  #sample: number;

  constructor(
    format: Pick<SignalFormat | Frame, 'source' | 'rateHz' | 'channels'>,
    previous: Stretch | null,
  ) {
    const { source, rateHz } = format;
    const channels = typeof format.channels === 'number' ? format.channels : format.channels.length;
    if (channels !== 1) {
      throw new CatnapError(
        'SOURCE_FORMAT',
        `${source}: expected one channel to resample, found ${channels}`,
      );
    }
    this.#rateHz = rateHz;
    this.#resampler = new Resampler(rateHz, VOICE_RATE_HZ);
    this.#sample = previous === null ? 0 : previous.#sample;
    const data = new Float32Array(0);
    this.#frame = { kind: 'frame', source, sample: 0, rateHz: VOICE_RATE_HZ, channels: 1, data };
  }

  /** Where a sample of the input stands in the output. */
  samplesAt(inputSample: number): number {
    return Math.ceil((inputSample * VOICE_RATE_HZ) / this.#rateHz);
  }

  *push({ data, arrivedMs }: Frame): Generator<SourceItem> {
    this.#frame.arrivedMs = arrivedMs;
    yield* this.#give(this.#resampler.push(data));
  }

  *finish(): Generator<SourceItem> {
    yield* this.#give(this.#resampler.flush());
    this.#resampler.reset();
  }

  *breakOff(gap: Gap): Generator<SourceItem> {
    yield* this.finish();
    const resumed = Math.max(this.#sample, this.samplesAt(gap.sample + gap.lostSamples));
    // A gap of unknown length stays one: its length is the clock's affair, not the source's.
    const lostSamples = gap.lostSamples === 0 ? 0 : resumed - this.#sample;
    yield { ...gap, sample: this.#sample, lostSamples };
    this.#sample += lostSamples;
  }

  *#give(data: Float32Array): Generator<SourceItem> {
    if (data.length === 0) return;
    this.#frame.data = data;
    this.#frame.sample = this.#sample;
    yield this.#frame;
    this.#sample += data.length;
  }
}
