import { FAST_RATE_HZ } from '../metering/telemetry.js';
import type { SignalTraits } from '../signal/frame.js';

/** The newest values of a slow signal, the root mean square around the mean of a fast one. */
export function readings(hop: Float32Array, { rateHz, channels: { length } }: SignalTraits): number[] {
  if (rateHz <= FAST_RATE_HZ) return [...hop.subarray(-length)];
  return Array.from({ length }, (_, c) => {
    const rows = hop.length / length;
    let sum = 0;
    let squares = 0;
    for (let i = c; i < hop.length; i += length) {
      sum += hop[i] as number;
      squares += (hop[i] as number) ** 2;
    }
    return Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2));
  });
}
