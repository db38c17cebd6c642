/** Which bands a spectrum is summed over. */
export interface BandSettings {
  readonly rateHz: number;
  /** Points of the transform, a power of two. */
  readonly fftSize: number;
  /** Mel bands per frame. */
  readonly bands: number;
  /** Lower corner of the lowest band. */
  readonly lowHz: number;
  /** Upper corner of the highest band. */
  readonly highHz: number;
  /**
   * Where bands lie and how they weigh: HTK's scale with peaks of 1, when left out; the same with slopes that are
   * straight in mel, as TensorFlow makes them; or Slaney's (Auditory Toolbox, 1998) with areas of 1, as librosa and
   * torchlibrosa make them.
   */
  readonly scale?: 'htk' | 'tensorflow' | 'slaney';
}

/** Triangular filters without their zeros: band b weighs the bins from `firstBins[b]` with `weights[starts[b]...]`. */
export class MelFilters {
  readonly #firstBins: Int32Array;
  readonly #starts: Int32Array;
  readonly #weights: Float64Array;

  constructor(private readonly settings: BandSettings) {
    const { bands, fftSize, rateHz, lowHz, highHz, scale = 'htk' } = settings;
    const { toMel, toHz, peak, straight } = SCALES[scale];
    const low = toMel(lowHz);
    const step = (toMel(highHz) - low) / (bands + 1);
    const cornerHz = (index: number) => toHz(low + step * index);
    this.#firstBins = new Int32Array(bands);
    this.#starts = new Int32Array(bands + 1);
    const weights: number[] = [];
    for (let band = 0; band < bands; band++) {
      const [fromHz, centreHz, toEndHz] = [cornerHz(band), cornerHz(band + 1), cornerHz(band + 2)];
      const [from, centre, to] = [straight(fromHz), straight(centreHz), straight(toEndHz)];
      const firstBin = Math.floor((fromHz * fftSize) / rateHz) + 1;
      const lastBin = Math.ceil((toEndHz * fftSize) / rateHz) - 1;
      this.#firstBins[band] = firstBin;
      for (let bin = firstBin; bin <= lastBin; bin++) {
        const at = straight((bin * rateHz) / fftSize);
        const share = Math.max(0, Math.min((at - from) / (centre - from), (to - at) / (to - centre)));
        weights.push(share * peak(fromHz, toEndHz));
      }
      this.#starts[band + 1] = weights.length;
    }
    this.#weights = Float64Array.from(weights);
  }

  /** Writes each band's weighed sum over a spectrum of `fftSize / 2 + 1` bins. */
  apply(spectrum: Float64Array, out: Float32Array | Float64Array, offset: number): void {
    const [firstBins, starts, weights] = [this.#firstBins, this.#starts, this.#weights];
    const { bands } = this.settings;
    for (let band = 0; band < bands; band++) {
      const start = starts[band] as number;
      const end = starts[band + 1] as number;
      let bin = firstBins[band] as number;
      let sum = 0;
      for (let i = start; i < end; i++) sum += (weights[i] as number) * (spectrum[bin++] as number);
      out[offset + band] = sum;
    }
  }

  /** The lowest band whose centre is at `hz` or above. */
  bandFrom(hz: number): number {
    const { bands, lowHz, highHz, scale = 'htk' } = this.settings;
    const { toMel } = SCALES[scale];
    const step = (toMel(highHz) - toMel(lowHz)) / (bands + 1);
    return Math.max(0, Math.ceil((toMel(hz) - toMel(lowHz)) / step) - 1);
  }
}

interface Scale {
  readonly toMel: (hz: number) => number;
  readonly toHz: (mel: number) => number;
  /** Weight at the middle of a band between these corners. */
  readonly peak: (fromHz: number, toHz: number) => number;
  /** The scale on which a band's slopes are straight lines. */
  readonly straight: (hz: number) => number;
}

/** Above this Slaney's scale is logarithmic: a factor of 6.4 is 27 of its steps; below, a step is 200/3 Hz. */
const SLANEY_KNEE_HZ = 1000;
const SLANEY_STEP_HZ = 200 / 3;
const SLANEY_KNEE = SLANEY_KNEE_HZ / SLANEY_STEP_HZ;
const SLANEY_LOG_STEP = Math.log(6.4) / 27;

/** Young et al., The HTK Book, 5.4. */
const HTK = {
  toMel: (hz: number) => 2595 * Math.log10(1 + hz / 700),
  toHz: (mel: number) => 700 * (10 ** (mel / 2595) - 1),
  peak: () => 1,
};

const SCALES: Readonly<Record<'htk' | 'tensorflow' | 'slaney', Scale>> = {
  htk: { ...HTK, straight: (hz) => hz },
  /** `tf.signal.linear_to_mel_weight_matrix`. */
  tensorflow: { ...HTK, straight: HTK.toMel },
  slaney: {
    straight: (hz) => hz,
    toMel: (hz) =>
      hz < SLANEY_KNEE_HZ
        ? hz / SLANEY_STEP_HZ
        : SLANEY_KNEE + Math.log(hz / SLANEY_KNEE_HZ) / SLANEY_LOG_STEP,
    toHz: (mel) =>
      mel < SLANEY_KNEE
        ? mel * SLANEY_STEP_HZ
        : SLANEY_KNEE_HZ * Math.exp((mel - SLANEY_KNEE) * SLANEY_LOG_STEP),
    peak: (fromHz, toHz) => 2 / (toHz - fromHz),
  },
};
