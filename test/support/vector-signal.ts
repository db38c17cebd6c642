/** The signal that test/vectors were made from; the formula stands in models/train/make_vectors.py too. */
export function vectorSignal(length: number): Float32Array {
  let state = 12345;
  return Float32Array.from({ length }, (_, n) => {
    state = (state * 16807) % 2147483647;
    const noise = (2 * state) / 2147483647 - 1;
    const sweep = Math.sin(2 * Math.PI * (100 * (n / 16_000) + 1500 * (n / 16_000) ** 2));
    return n < 1600 ? 0 : 0.3 * sweep * (n / length) + 0.002 * noise;
  });
}
