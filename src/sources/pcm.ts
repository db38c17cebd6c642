/** How a sample stands in bytes, little endian. */
export type SampleFormat =
  | { readonly kind: 'unsigned'; readonly bytes: 1 }
  | { readonly kind: 'signed'; readonly bytes: 2 | 3 | 4 }
  | { readonly kind: 'float'; readonly bytes: 4 | 8 };

/** Raw PCM as recorders write it to a pipe. */
export const SIGNED_16: SampleFormat = { kind: 'signed', bytes: 2 };

/** Makes a reader of whole samples; what it returns is a view that its next call overwrites. */
export function sampleReader(format: SampleFormat): (bytes: Uint8Array) => Float32Array {
  let output = new Float32Array(0);
  const { bytes: width } = format;
  return (bytes) => {
    const count = Math.floor(bytes.length / width);
    if (output.length < count) output = new Float32Array(count);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < count; i++) output[i] = sampleAt(view, i * width, format);
    return output.subarray(0, count);
  };
}

function sampleAt(view: DataView, at: number, format: SampleFormat): number {
  switch (format.kind) {
    case 'unsigned':
      return (view.getUint8(at) - 128) / 128;
    case 'float':
      return format.bytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
    case 'signed':
      switch (format.bytes) {
        case 2:
          return view.getInt16(at, true) / 0x8000;
        case 3:
          return (view.getInt8(at + 2) * 0x10000 + view.getUint16(at, true)) / 0x800000;
        case 4:
          return view.getInt32(at, true) / 0x80000000;
      }
  }
}
