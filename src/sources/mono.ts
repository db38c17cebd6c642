import type { Health } from '../core/events/health.js';
import { Block } from '../core/signal/block.js';
import type { Gap, GapReason, SourceItem } from '../core/signal/frame.js';
import { Resampler } from '../dsp/resample.js';
import { type ChannelChoice, chosenChannels } from './channels.js';
import type { DecodedAudio, Workspace } from './decoded-audio.js';
import { MixHealth } from './mix-health.js';

/** Rate at which every voice model listens. */
export const VOICE_RATE_HZ = 16_000;

/** As much as the wake model hears at a time. */
export const FRAME_SAMPLES = 1280;

/** How decoded audio becomes a signal. */
export interface MonoOptions {
  readonly source: string;
  readonly channel: ChannelChoice;
  /** Told when channels that are mixed cancel, or one of them is dead. */
  readonly onMix?: ((health: Health) => void) | undefined;
  /** Samples of each frame, 1280 when left out; the last one of a stretch may be shorter. */
  readonly frameSamples?: number | undefined;
  readonly workspace?: Pick<Workspace, 'mixed' | 'frame'>;
}

/**
 * Turns decoded audio into the frames of a mono signal at 16 kHz. A sample that is not a number is lost: such
 * samples become a gap (`garbage`), as does an end that the header promised and the file lacks (`lost`).
 * @throws CatnapError `SOURCE_FORMAT` for a channel that is not there
 */
export async function* monoFrames(audio: DecodedAudio, options: MonoOptions): AsyncGenerator<SourceItem> {
  const { source } = options;
  const channels = [{ name: 'audio', unit: 'FS' }];
  yield { kind: 'format', source, rateHz: VOICE_RATE_HZ, channels };
  const signal = new MonoSignal(audio, options);
  // Not `yield*`, which makes a promise of each item that is handed on.
  for await (const block of audio.blocks) for (const item of signal.push(block)) yield item;
  yield* signal.end(audio.lostSamples());
}

class MonoSignal {
  readonly #audio: Pick<DecodedAudio, 'rateHz' | 'channels'>;
  readonly #options: MonoOptions;
  readonly #resampler: Resampler | null;
  readonly #pending: Float32Array;
  #filled = 0;
  /** Next sample of the output, and of the input. */
  #sample = 0;
  #input = 0;
  /** Input samples in a row that were not numbers. */
  #bad = 0;
  readonly #mixed: Block;
  readonly #chosen: readonly number[];
  readonly #mixHealth: MixHealth | null;

  constructor(audio: Pick<DecodedAudio, 'rateHz' | 'channels'>, options: MonoOptions) {
    this.#audio = audio;
    this.#options = options;
    const { source, channel, onMix } = options;
    this.#chosen = chosenChannels(channel, audio.channels, source);
    const judged = onMix !== undefined && this.#chosen.length > 1;
    this.#mixHealth = judged ? new MixHealth(this.#chosen, audio.rateHz, onMix) : null;
    this.#resampler = audio.rateHz === VOICE_RATE_HZ ? null : new Resampler(audio.rateHz, VOICE_RATE_HZ);
    const { mixed, frame } = options.workspace ?? { mixed: new Block(), frame: new Block() };
    this.#mixed = mixed;
    this.#pending = frame.of(options.frameSamples ?? FRAME_SAMPLES);
  }

  *push(block: Float32Array): Generator<SourceItem> {
    const { channels } = this.#audio;
    const samples = Math.floor(block.length / channels);
    const run = this.#mixed.of(samples);
    for (let at = 0; at < samples; ) {
      const good = this.#mix(block, at, samples, run);
      if (good > 0) {
        if (this.#bad > 0) yield this.#lose('garbage');
        this.#input += good;
        at += good;
        yield* this.#emit(run.subarray(0, good));
      }
      if (at === samples) return;
      if (this.#bad === 0) yield* this.#finishStretch();
      this.#bad += 1;
      this.#input += 1;
      at += 1;
    }
  }

  *end(lostSamples: number): Generator<SourceItem> {
    if (this.#bad > 0) yield this.#lose('garbage');
    else yield* this.#finishStretch();
    if (lostSamples === 0) return;
    this.#bad = lostSamples;
    this.#input += lostSamples;
    yield this.#lose('lost');
  }

  /**
   * Mixes samples `[from, to)` into `run` up to the first that is not a number; how many those are. Not in the
   * generator that asks for them, where V8 makes an object of every sample.
   */
  #mix(block: Float32Array, from: number, to: number, run: Float32Array): number {
    const { channels } = this.#audio;
    const chosen = this.#chosen;
    const health = this.#mixHealth;
    for (let i = from; i < to; i++) {
      let sum = 0;
      for (let c = 0; c < chosen.length; c++) sum += block[i * channels + (chosen[c] as number)] as number;
      const value = sum / chosen.length;
      if (!Number.isFinite(value)) return i - from;
      run[i - from] = value;
      health?.sample(block, i * channels, 1);
    }
    return to - from;
  }

  *#emit(samples: Float32Array): Generator<SourceItem> {
    yield* this.#frame(this.#resampler === null ? samples : this.#resampler.push(samples));
  }

  *#frame(samples: Float32Array): Generator<SourceItem> {
    for (let taken = 0; taken < samples.length; ) {
      const count = Math.min(samples.length - taken, this.#pending.length - this.#filled);
      this.#pending.set(samples.subarray(taken, taken + count), this.#filled);
      this.#filled += count;
      taken += count;
      if (this.#filled === this.#pending.length) yield this.#take();
    }
  }

  #take(): SourceItem {
    const data = this.#pending.subarray(0, this.#filled);
    const { source } = this.#options;
    const item = {
      kind: 'frame',
      source,
      sample: this.#sample,
      rateHz: VOICE_RATE_HZ,
      channels: 1,
      data,
    } as const;
    this.#sample += this.#filled;
    this.#filled = 0;
    return item;
  }

  /** The samples still in the filter and the frame, before the signal breaks off. */
  *#finishStretch(): Generator<SourceItem> {
    if (this.#resampler !== null) {
      yield* this.#frame(this.#resampler.flush());
      this.#resampler.reset();
    }
    if (this.#filled > 0) yield this.#take();
  }

  /** A gap up to the present input sample, in samples of the output's clock. */
  #lose(reason: GapReason): Gap {
    const resumed = Math.ceil((this.#input * VOICE_RATE_HZ) / this.#audio.rateHz);
    const lostSamples = Math.max(0, resumed - this.#sample);
    const gap: Gap = { kind: 'gap', source: this.#options.source, sample: this.#sample, lostSamples, reason };
    this.#sample += lostSamples;
    this.#bad = 0;
    return gap;
  }
}
