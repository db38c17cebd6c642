export const WAV_HEADER_BYTES = 44;
export const BYTES_PER_SAMPLE = 2;

/**
 * Header of a WAV file of mono 16-bit PCM (RIFF, "Multimedia Programming Interface and Data Specifications 1.0", 1991).
 * @param dataBytes length of the samples that follow
 */
export function wavHeader(rateHz: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt32LE(rateHz * BYTES_PER_SAMPLE, 28);
  header.writeUInt16LE(BYTES_PER_SAMPLE, 32);
  header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

/** A whole WAV file of such samples. */
export function wavOf(rateHz: number, pcm: Int16Array): Buffer<ArrayBuffer> {
  const data = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return Buffer.concat([wavHeader(rateHz, data.length), data]);
}
