/** Types of fft.js 4.0.4 (MIT), as far as they are used here; the package ships none. */
declare module 'fft.js' {
  class FFT {
    /** `size`: number of points, a power of two above 1. */
    constructor(size: number);
    /**
     * Transforms `size` real samples. `out` takes `2 * size` numbers, real and imaginary parts in turn; only
     * bins 0 to `size / 2` are filled.
     */
    realTransform(out: Float64Array, data: Float64Array): void;
  }
  export = FFT;
}
