/** Most bytes that COBS makes of `bytes`, without the delimiter. */
export function cobsBound(bytes: number): number {
  return bytes + Math.floor(bytes / 254) + 1;
}

/**
 * Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999): what is written holds no 0.
 * `output` has room for {@link cobsBound} bytes from `at`; returns the end of what was written.
 */
export function cobsEncode(input: Uint8Array, output: Uint8Array, at = 0): number {
  let codeAt = at;
  let length = at + 1;
  let code = 1;
  for (let i = 0; i < input.length; i++) {
    const byte = input[i] as number;
    if (byte !== 0) {
      output[length++] = byte;
      code++;
    }
    // A full group at the very end needs no empty group behind it.
    if (byte === 0 || (code === 0xff && i + 1 < input.length)) {
      output[codeAt] = code;
      codeAt = length++;
      code = 1;
    }
  }
  output[codeAt] = code;
  return length;
}

/**
 * Reverses {@link cobsEncode} over `input[start, end)` into the beginning of `output`, which has room for
 * `end - start` bytes. Returns the bytes written, or -1 when the input is no COBS.
 */
export function cobsDecode(input: Uint8Array, start: number, end: number, output: Uint8Array): number {
  let length = 0;
  let i = start;
  while (i < end) {
    const code = input[i++] as number;
    const groupEnd = i + code - 1;
    if (code === 0 || groupEnd > end) return -1;
    while (i < groupEnd) {
      const byte = input[i++] as number;
      if (byte === 0) return -1;
      output[length++] = byte;
    }
    if (code !== 0xff && i < end) output[length++] = 0;
  }
  return length;
}
