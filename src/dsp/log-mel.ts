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
  readonly #earlierFrames: number;
  readonly #fresh: Float32Array;
  /** Band power, oldest frame first, and how loud each frame is: those of a window, and the earlier ones before it. */
  readonly #power: Float32Array;
  readonly #loudness: Float32Array;
  readonly #firstLoudBand: number;
  readonly #fullScalePower: number;
  /** Frames since the beginning of the stream, and up to which of them was shown last; null: none were. */
  #frames = 0;
  #shownTo: number | null = null;
  #gainDb = 0;

  /** Where the window shown last ends, in frames since the beginning of the stream; null: none was shown. */
  get shownTo(): number | null {
    return this.#shownTo;
  }

  /** Gain of the window shown last. */
  get shownGainDb(): number {
    return this.#gainDb;
  }

  /**
   * @param mostFrames that one {@link push} may complete.
   * @param earlierFrames how many frames ago a window may end that is shown.
   * @throws CatnapError MODEL_SHAPE when the settings cannot make a spectrogram.
   */
  constructor(settings: LogMelSettings, mostFrames: number, earlierFrames = 0) {
    const { bands, windowFrames, windowSamples, fftSize } = settings;
    this.#settings = settings;
    this.#mel = new MelSpectrogram(settings);
    this.#earlierFrames = earlierFrames;
    this.#fresh = new Float32Array(mostFrames * bands);
    this.#power = new Float32Array((windowFrames + earlierFrames) * bands);
    this.#loudness = new Float32Array(windowFrames + earlierFrames);
    this.#firstLoudBand = this.#mel.bandFrom(LOUDNESS_FROM_HZ);
    this.#fullScalePower = (HANN_POWER * windowSamples * fftSize) / 2;
  }

  /** Takes samples in [-1, 1]; how many frames they complete. */
  push(samples: Float32Array): number {
    const { bands } = this.#settings;
    const frames = this.#mel.push(samples, this.#fresh);
    this.#power.copyWithin(0, frames * bands);
    this.#loudness.copyWithin(0, frames);
    const from = this.#power.length - frames * bands;
    for (let i = 0; i < frames * bands; i++) this.#power[from + i] = this.#fresh[i] as number;
    for (let frame = this.#loudness.length - frames; frame < this.#loudness.length; frame++) {
      let sum = 0;
      for (let band = this.#firstLoudBand; band < bands; band++)
        sum += this.#power[frame * bands + band] as number;
      this.#loudness[frame] = sum;
    }
    this.#frames += frames;
    return frames;
  }

  /** Brings `features`, which holds what this wrote there last, to the window that ended so many frames ago. */
  show(features: Float32Array, framesAgo = 0): void {
    const { bands, windowFrames, logOffset } = this.#settings;
    const first = this.#earlierFrames - framesAgo;
    const gainDb = this.#wantedGainDb(first);
    const fresh = this.#unshown(this.#frames - framesAgo, gainDb);
    const gain = 10 ** (gainDb / 10);
    const power = first * bands;
    features.copyWithin(0, fresh * bands);
    for (let i = (windowFrames - fresh) * bands; i < features.length; i++) {
      features[i] = Math.log(gain * (this.#power[power + i] as number) + logOffset);
    }
  }

  /** Forgets the stream: the next sample is the first. */
  reset(): void {
    this.#mel.reset();
    this.#power.fill(0);
    this.#loudness.fill(0);
    this.#frames = 0;
    this.#shownTo = null;
  }

  /** Frames of the window up to `frame` that `features` does not hold yet at this gain. */
  #unshown(frame: number, gainDb: number): number {
    const { windowFrames } = this.#settings;
    const further = this.#shownTo === null || gainDb !== this.#gainDb ? -1 : frame - this.#shownTo;
    this.#shownTo = frame;
    this.#gainDb = gainDb;
    return further < 0 ? windowFrames : Math.min(further, windowFrames);
  }

  /** In whole decibels, so that it stands still while the level does. */
  #wantedGainDb(first: number): number {
    const { level, windowFrames } = this.#settings;
    if (level === null) return 0;
    let loudest = NOTHING;
    for (let frame = first; frame < first + windowFrames; frame++)
      loudest = Math.max(loudest, this.#loudness[frame] as number);
    return Math.round(gainIntoDb(level, 10 * Math.log10(loudest / this.#fullScalePower)));
  }
}
