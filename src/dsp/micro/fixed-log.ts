const SCALE_BITS = 16;
const SCALE = 2 ** SCALE_BITS;
const SEGMENT_BITS = 7;
const SEGMENTS = 1 << SEGMENT_BITS;
const ROUND = 1 << (SCALE_BITS - 1);
/** ln 2 of 2^16. */
const LN_2 = 45_426;

/** log2(1 + x) - x of 2^16, at the ends of 128 equal parts (`log_lut.c`). */
const BULGE = Int32Array.from({ length: SEGMENTS + 2 }, (_, i) =>
  i > SEGMENTS ? 0 : Math.round(SCALE * (Math.log2(1 + i / SEGMENTS) - i / SEGMENTS)),
);

/** Natural logarithm of a whole number above 0, times 2^`shift`, rounded (`log_scale.c`). */
export function fixedLog(value: number, shift: number): number {
  const whole = 31 - Math.clz32(value);
  const rest = (value ^ (1 << whole)) >>> 0;
  const part = whole < SCALE_BITS ? rest << (SCALE_BITS - whole) : rest >>> (whole - SCALE_BITS);
  const segment = part >> (SCALE_BITS - SEGMENT_BITS);
  const from = BULGE[segment] as number;
  const rise = (BULGE[segment + 1] as number) - from;
  const inside = part - (segment << (SCALE_BITS - SEGMENT_BITS));
  const log2 = whole * SCALE + part + from + ((rise * inside) >> SCALE_BITS);
  const log = Math.floor((LN_2 * log2 + ROUND) / SCALE);
  return ((log << shift) + ROUND) >>> SCALE_BITS;
}
