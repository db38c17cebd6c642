/** Where gains by noise are looked up: for every octave of the noise, a parabola. */
const OCTAVES = 32;
const GAIN_BITS = 21;
const STRENGTH = Math.fround(0.95);
const OFFSET = 80;
const SNR_BITS = 12;
const OUTPUT_BITS = 6;
const MOST_GAIN = 32_767;
const WORD = 2 ** 32;

/** By octave of the noise: gain at its beginning, slope and bend (`pcan_gain_control_util.c`). */
export function gainTable(inputBits: number): Int16Array {
  const gainAt = (noise: number): number => {
    const gain = Math.fround(
      2 ** GAIN_BITS * Math.fround(Math.fround(noise / 2 ** inputBits + OFFSET) ** -STRENGTH),
    );
    return gain > MOST_GAIN ? MOST_GAIN : Math.trunc(Math.fround(gain + 0.5));
  };
  const table = new Int16Array(4 * OCTAVES - 3);
  table[0] = gainAt(0);
  table[1] = gainAt(1);
  for (let octave = 2; octave <= OCTAVES; octave++) {
    const first = 2 ** (octave - 1);
    const middle = gainAt(first + first / 2) - gainAt(first);
    const end = gainAt(octave === OCTAVES ? 2 * first - 1 : 2 * first) - gainAt(first);
    const at = 4 * octave - 6;
    table[at] = gainAt(first);
    table[at + 1] = 4 * middle - end;
    table[at + 2] = end - (4 * middle - end);
  }
  return table;
}

/** The gain of a noise, read off the table (`WideDynamicFunction`). */
export function gainOf(noise: number, table: Int16Array): number {
  if (noise <= 2) return table[noise] as number;
  const octave = 32 - Math.clz32(noise);
  const at = 4 * octave - 6;
  const within = (octave < 11 ? noise << (11 - octave) : noise >>> (octave - 11)) & 0x3ff;
  const bent = (((table[at + 2] as number) * within) >> 5) + ((table[at + 1] as number) << 5);
  return ((Math.imul(bent, within) + (1 << 14)) >> 15) + (table[at] as number);
}

/** The given part of a signal by its gain, squared where that is small (`PcanShrink`). */
export function shrunk(signal: number, gain: number, part: number): number {
  const found = Math.floor(signal * gain * part);
  const snr = found < WORD ? found : found % WORD;
  if (snr >= 2 << SNR_BITS) return (snr >>> (SNR_BITS - OUTPUT_BITS)) - (1 << OUTPUT_BITS);
  return (snr * snr) >>> (2 + 2 * SNR_BITS - OUTPUT_BITS);
}
