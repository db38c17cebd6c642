import { gainIntoDb, type LevelRange } from './level.js';
import { type MelSettings, MelSpectrogram } from './mel-spectrogram.js';

/** What a window of log-mel frames is made of; a model's manifest carries these under `frontEnd`. */
export interface LogMelSettings extends MelSettings {
  /** Added to each band's power before the logarithm. */
  readonly logOffset: number;
  /** Frames in the window. */
  readonly windowFrames: number;
  /** Levels the model knows; null: it is shown every sound as loud as it is. */
  readonly level: LevelRange | null;
}

/** What counts for how loud a frame is: not rumble and not the strongest of mains hum. */
const LOUDNESS_FROM_HZ = 200;
/** Share of a frame's samples, squared, that a periodic Hann window lets through. */
const HANN_POWER = 3 / 8;
/** Power of a frame without any sound. */
const NOTHING = 1e-12;

/**
 * The latest frames of a stream as a keyword model sees them: ln(gain * band power + offset), oldest first. Where the
 * model knows a range of levels, one gain brings the whole window into it, by its loudest frame: so a word looks the
 * same however far the microphone is turned up, and nothing from before the window counts. Allocates nothing per hop.
 */
export class LogMelWindow {
  readonly #settings: LogMelSettings;
  readonly #mel: MelSpectrogram;
  readonly #fresh: Float32Array;
  /** Band power, oldest frame first, and how loud each frame is. */
  readonly #power: Float32Array;
  readonly #loudness: Float32Array;
  readonly #firstLoudBand: number;
  readonly #fullScalePower: number;
  /** Frames at the end of the window that were not shown yet. */
  #unseen: number;
  #gainDb = 0;

  /**
   * @param mostFrames that one {@link push} may complete.
   * @throws CatnapError MODEL_SHAPE when the settings cannot make a spectrogram.
   */
  constructor(settings: LogMelSettings, mostFrames: number) {
    const { bands, windowFrames, windowSamples, fftSize } = settings;
    this.#settings = settings;
    this.#mel = new MelSpectrogram(settings);
    this.#fresh = new Float32Array(mostFrames * bands);
    this.#power = new Float32Array(windowFrames * bands);
    this.#loudness = new Float32Array(windowFrames);
    this.#firstLoudBand = this.#mel.bandFrom(LOUDNESS_FROM_HZ);
    this.#fullScalePower = (HANN_POWER * windowSamples * fftSize) / 2;
    this.#unseen = windowFrames;
  }

  /** Takes samples in [-1, 1]; how many frames they complete. */
  push(samples: Float32Array): number {
    const { bands, windowFrames } = this.#settings;
    const frames = this.#mel.push(samples, this.#fresh);
    this.#power.copyWithin(0, frames * bands);
    this.#loudness.copyWithin(0, frames);
    const from = this.#power.length - frames * bands;
    for (let i = 0; i < frames * bands; i++) this.#power[from + i] = this.#fresh[i] as number;
    for (let frame = windowFrames - frames; frame < windowFrames; frame++) {
      let sum = 0;
      for (let band = this.#firstLoudBand; band < bands; band++)
        sum += this.#power[frame * bands + band] as number;
      this.#loudness[frame] = sum;
    }
    this.#unseen += frames;
    return frames;
  }

  /** Brings `features`, which holds what this wrote there last, up to date. */
  show(features: Float32Array): void {
    const { bands, windowFrames, logOffset } = this.#settings;
    const gainDb = this.#wantedGainDb();
    const fresh = gainDb === this.#gainDb ? Math.min(this.#unseen, windowFrames) : windowFrames;
    this.#gainDb = gainDb;
    this.#unseen = 0;
    const gain = 10 ** (gainDb / 10);
    features.copyWithin(0, fresh * bands);
    for (let i = (windowFrames - fresh) * bands; i < features.length; i++) {
      features[i] = Math.log(gain * (this.#power[i] as number) + logOffset);
    }
  }

  /** Forgets the stream: the next sample is the first. */
  reset(): void {
    this.#mel.reset();
    this.#power.fill(0);
    this.#loudness.fill(0);
    this.#unseen = this.#settings.windowFrames;
  }

  /** In whole decibels, so that it stands still while the level does. */
  #wantedGainDb(): number {
    const { level } = this.#settings;
    if (level === null) return 0;
    let loudest = NOTHING;
    for (const power of this.#loudness) if (power > loudest) loudest = power;
    return Math.round(gainIntoDb(level, 10 * Math.log10(loudest / this.#fullScalePower)));
  }
}
