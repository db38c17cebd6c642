import { gainIntoDb, type LevelRange } from '../../../dsp/level.js';
import { loudestBlock } from '../../../dsp/trim.js';

const RATE_HZ = 16_000;
/** Quieter and louder speech is brought here first: below, it is understood worse and at last not at all. */
const LEVEL: LevelRange = { leastDb: -24, mostDb: -6, mostGainDb: 60 };

/** Mono speech at 16 kHz brought to a level that Moonshine knows. */
export function raised(speech: Float32Array): Float32Array {
  const gain = 10 ** (gainIntoDb(LEVEL, 10 * Math.log10(loudestBlock(speech, RATE_HZ))) / 20);
  return speech.map((sample) => sample * gain);
}
