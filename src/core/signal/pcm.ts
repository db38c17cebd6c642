import { Block } from './block.js';

/** How a sample stands in bytes, little endian. */
export type SampleFormat =
  | { readonly kind: 'unsigned'; readonly bytes: 1 }
  | { readonly kind: 'signed'; readonly bytes: 2 | 3 | 4 }
  | { readonly kind: 'float'; readonly bytes: 4 | 8 }
  /** G.711, as telephones have it. */
  | { readonly kind: 'a-law' | 'mu-law'; readonly bytes: 1 };

/** Raw PCM as recorders write it to a pipe. */
export const SIGNED_16: SampleFormat = { kind: 'signed', bytes: 2 };

/** What 16 bits hold of a sample of full scale -1 to 1: divide by it where every sample of a long listener passes. */
export const INT16_FULL_SCALE = 0x8000;

/** A sample of full scale -1 to 1 in 16 bits; a louder one is clipped. */
export function toInt16(value: number): number {
  return Math.max(-INT16_FULL_SCALE, Math.min(INT16_FULL_SCALE - 1, Math.round(value * INT16_FULL_SCALE)));
}

/** The inverse of {@link toInt16}. */
export function fromInt16(value: number): number {
  return value / INT16_FULL_SCALE;
}

/** What each byte of ITU-T G.711 A-law stands for (table 1: 13 bits, here in steps of 16). */
const A_LAW = Float32Array.from({ length: 256 }, (_, byte) => {
  const code = byte ^ 0x55;
  const segment = (code >> 4) & 7;
  const step = ((code & 15) << 4) + 8;
  const size = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return ((code & 0x80) === 0 ? -size : size) / 0x8000;
});

/** The same for mu-law (table 2: 14 bits, here in steps of 8; a bias of 33). */
const MU_LAW = Float32Array.from({ length: 256 }, (_, byte) => {
  const code = ~byte;
  const size = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return ((code & 0x80) === 0 ? size : -size) / 0x8000;
});

/** Makes a reader of whole samples; what it returns is a view that its next call overwrites. */
export function sampleReader(format: SampleFormat, block = new Block()): (bytes: Uint8Array) => Float32Array {
  return (bytes) => {
    const read = block.of(Math.floor(bytes.length / format.bytes));
    readSamples(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), format, read);
    return read;
  };
}

/** A loop for each format: a sample that is handed from function to function is an object on V8's heap. */
function readSamples(view: DataView, format: SampleFormat, out: Float32Array): void {
  switch (format.kind) {
    case 'unsigned':
      for (let i = 0; i < out.length; i++) out[i] = (view.getUint8(i) - 128) / 128;
      return;
    case 'float':
      if (format.bytes === 4) for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(4 * i, true);
      else for (let i = 0; i < out.length; i++) out[i] = view.getFloat64(8 * i, true);
      return;
    case 'a-law':
    case 'mu-law': {
      const table = format.kind === 'a-law' ? A_LAW : MU_LAW;
      for (let i = 0; i < out.length; i++) out[i] = table[view.getUint8(i)] as number;
      return;
    }
    case 'signed':
      readSigned(view, format.bytes, out);
  }
}

function readSigned(view: DataView, width: 2 | 3 | 4, out: Float32Array): void {
  switch (width) {
    case 2:
      for (let i = 0; i < out.length; i++) out[i] = view.getInt16(2 * i, true) / INT16_FULL_SCALE;
      return;
    case 3:
      for (let i = 0; i < out.length; i++) {
        out[i] = (view.getInt8(3 * i + 2) * 0x10000 + view.getUint16(3 * i, true)) / 0x800000;
      }
      return;
    case 4:
      for (let i = 0; i < out.length; i++) out[i] = view.getInt32(4 * i, true) / 0x80000000;
  }
}

/** Mean square of samples, full scale 1; 0 of none. */
export function powerOf(samples: Float32Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return samples.length === 0 ? 0 : sum / samples.length;
}
