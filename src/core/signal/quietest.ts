import { samplesIn } from './duration.js';
import { powerOf } from './pcm.js';

const BLOCK_MS = 10;
/** How far from where it is looked for. */
const REACH_MS = 150;
/** What is 100 ms sooner has to be quieter by this, and by the square of how much further off it is. */
const DB_SOONER = 5;
/**
 * And what is 100 ms later by this: whoever is given too much can leave a word out, but what is cut off is lost, and
 * the closure of a p, t or k within what follows is quieter than where it begins.
 */
const DB_LATER = 20;
/** Nothing counts as quieter than this beside the loudest near it: silence is silence, before the word or behind it. */
const SILENT_DB = -40;
const LEAST_POWER = 1e-10;

/** A stretch of one channel. */
interface Stretch {
  readonly startSample: number;
  readonly data: Float32Array;
}

/** Where sound has to be known to look near `sample`: `[from, to)`. */
export function quietestReach(
  sample: number,
  rateHz: number,
): { readonly from: number; readonly to: number } {
  const reach = samplesIn(REACH_MS + BLOCK_MS, rateHz);
  return { from: sample - reach, to: sample + reach };
}

/**
 * The middle of the quietest 10 ms near `sample`, each with those beside it: where one word ends and the next begins
 * without a pause, the voice is least loud. `sample` itself where nothing is known.
 */
export function quietestNear({ startSample, data }: Stretch, rateHz: number, sample: number): number {
  const block = Math.max(1, samplesIn(BLOCK_MS, rateHz));
  const powers = Float64Array.from({ length: Math.floor(data.length / block) }, (_, i) =>
    powerOf(data.subarray(i * block, (i + 1) * block)),
  );
  const leastPower = Math.max(LEAST_POWER, Math.max(0, ...powers) * 10 ** (SILENT_DB / 10));
  let best = { cost: Number.POSITIVE_INFINITY, sample };
  for (let i = 1; i + 1 < powers.length; i++) {
    const middle = startSample + i * block + Math.floor(block / 2);
    const power = ((powers[i - 1] as number) + (powers[i] as number) + (powers[i + 1] as number)) / 3;
    const away = ((middle - sample) * 10) / rateHz;
    const cost = 10 * Math.log10(Math.max(power, leastPower)) + (away > 0 ? DB_LATER : DB_SOONER) * away ** 2;
    if (cost < best.cost) best = { cost, sample: middle };
  }
  return best.sample;
}
