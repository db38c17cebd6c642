/** A deterministic test signal: a chirp with some noise. */
export function chirp(samples: number): Float32Array {
  let seed = 7;
  return Float32Array.from({ length: samples }, (_, i) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return 0.3 * Math.sin((i * i) / 40_000) + 0.01 * (seed / 2 ** 31 - 1);
  });
}
