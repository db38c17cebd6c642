import FFT from 'fft.js';

/** Power of the bins of one frame after another. Allocates nothing after construction. */
export class PowerSpectrum {
  /** The frame, tapered; what it leaves of `fftSize` stays zero. */
  readonly frame: Float64Array;
  /** Of the bins from 0 to half the rate. */
  readonly power: Float64Array;
  readonly #transformed: Float64Array;
  readonly #fft: FFT;

  /** @param fftSize a power of two above 1. */
  constructor(fftSize: number) {
    this.frame = new Float64Array(fftSize);
    this.power = new Float64Array(fftSize / 2 + 1);
    this.#transformed = new Float64Array(2 * fftSize);
    this.#fft = new FFT(fftSize);
  }

  /** Makes {@link power} that of {@link frame}. */
  transform(): void {
    const [transformed, power] = [this.#transformed, this.power];
    this.#fft.realTransform(transformed, this.frame);
    for (let bin = 0; bin < power.length; bin++) {
      const real = transformed[2 * bin] as number;
      const imaginary = transformed[2 * bin + 1] as number;
      power[bin] = real * real + imaginary * imaginary;
    }
  }
}

/** Weights of a frame's samples: `hann` is periodic, `hamming` symmetric. */
export function taperOf(taper: 'hann' | 'hamming', size: number): Float64Array {
  const [constant, period] = taper === 'hann' ? [0.5, size] : [0.54, size - 1];
  return Float64Array.from({ length: size }, (_, i) => {
    return constant - (1 - constant) * Math.cos((2 * Math.PI * i) / period);
  });
}
