/** How to write a WAV file for a test. */
export interface WavOptions {
  readonly rateHz?: number;
  readonly channels?: number;
  readonly kind?: 'pcm' | 'float';
  readonly bits?: number;
  /** Format tag that is written instead of the true one. */
  readonly tag?: number;
  readonly extensible?: boolean;
  /** Written as the length of the data chunk instead of the true one. */
  readonly claimedBytes?: number;
  /** A chunk of this many bytes before the format, as editors leave them. */
  readonly junkBytes?: number;
  /** As RF64, whose true length stands in a chunk of its own. */
  readonly rf64?: boolean;
}

/** The bytes of a WAV file of these interleaved samples. */
export function wavBytes(samples: ArrayLike<number>, options: WavOptions = {}): Buffer {
  const { rateHz = 16_000, channels = 1, kind = 'pcm', bits = 16, extensible = false } = options;
  const width = bits / 8;
  const data = Buffer.alloc(samples.length * width);
  for (let i = 0; i < samples.length; i++) writeSample(data, i * width, samples[i] as number, kind, bits);
  const format = Buffer.alloc(extensible ? 40 : 16);
  const tag = options.tag ?? (kind === 'pcm' ? 1 : 3);
  format.writeUInt16LE(extensible ? 0xfffe : tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rateHz, 4);
  format.writeUInt32LE(rateHz * channels * width, 8);
  format.writeUInt16LE(channels * width, 12);
  format.writeUInt16LE(bits, 14);
  if (extensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(bits, 18);
    format.writeUInt16LE(tag, 24);
  }
  const ds64 = Buffer.alloc(28);
  ds64.writeBigUInt64LE(BigInt(data.length), 8);
  const chunks = Buffer.concat([
    options.rf64 === true ? chunk('ds64', ds64) : Buffer.alloc(0),
    options.junkBytes === undefined ? Buffer.alloc(0) : chunk('LIST', Buffer.alloc(options.junkBytes)),
    chunk('fmt ', format),
    chunk('data', data, options.rf64 === true ? 0xffffffff : options.claimedBytes),
    options.rf64 === true ? chunk('LIST', Buffer.alloc(4096)) : Buffer.alloc(0),
  ]);
  const riff = Buffer.alloc(12);
  riff.write(options.rf64 === true ? 'RF64' : 'RIFF', 0);
  riff.writeUInt32LE(chunks.length + 4, 4);
  riff.write('WAVE', 8);
  return Buffer.concat([riff, chunks]);
}

function chunk(id: string, body: Buffer, claimedBytes = body.length): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 0);
  header.writeUInt32LE(claimedBytes, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
}

function writeSample(data: Buffer, at: number, value: number, kind: 'pcm' | 'float', bits: number): void {
  if (kind === 'float') {
    if (bits === 32) data.writeFloatLE(value, at);
    else data.writeDoubleLE(value, at);
  } else if (bits === 8) data.writeUInt8(Math.round(value * 127) + 128, at);
  else data.writeIntLE(Math.round(value * (2 ** (bits - 1) - 1)), at, bits / 8);
}

/** A sine of this frequency. */
export function sine(frequencyHz: number, rateHz: number, samples: number, amplitude = 0.5): Float32Array {
  return Float32Array.from(
    { length: samples },
    (_, i) => amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz),
  );
}
