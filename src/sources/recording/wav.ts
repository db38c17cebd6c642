import { CatnapError } from '../../core/errors.js';
import type { Block } from '../../core/signal/block.js';
import { type SampleFormat, sampleReader } from '../../core/signal/pcm.js';
import type { DecodedAudio } from '../decoded-audio.js';
import { type ByteReader, concatenate } from './decoded.js';

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_A_LAW = 6;
const FORMAT_MU_LAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
/**
 * A recorder that cannot seek back leaves the most it can think of where the length of the data belongs, cut to whole
 * samples or pages: arecord 2 GiB, sox 2 GiB less a page, ffmpeg 4 GiB.
 */
const LENGTHS_UNKNOWN: readonly number[] = [0x80000000, 0xffffffff];
const LENGTH_ROUNDED_BYTES = 0x10000;
const CHUNK_HEADER = 8;
/** `fmt ` has 16, 18 or 40 bytes; a longer one is garbage. */
const FORMAT_MAX_BYTES = 1024;
/** Bytes decoded at a time, so that the buffers behind stay small. */
const BLOCK_BYTES = 4096;
/** Lengths of the file, of the data and in samples, 64 bits each. */
const DS64_BYTES = 24;

interface WavFormat {
  readonly sample: SampleFormat;
  readonly rateHz: number;
  readonly channels: number;
}

/**
 * Decodes RIFF WAVE as it streams: PCM of 8, 16, 24 and 32 bits, float of 32 and 64 and G.711, plain or
 * WAVE_FORMAT_EXTENSIBLE (Microsoft, "Multiple channel audio data and WAVE files"), other chunks skipped.
 * RF64 (EBU Tech 3306) holds the length of more than 4 GiB in its `ds64` chunk.
 * A data chunk without a length (a pipe) goes to the end of the file; one that is cut short is told as lost.
 * @param block where samples are decoded
 * @throws CatnapError `SOURCE_FORMAT` naming the file, what was expected and what was found.
 */
export async function decodeWav(reader: ByteReader, name: string, block?: Block): Promise<DecodedAudio> {
  const fail = (expected: string, found: string): never => {
    throw new CatnapError('SOURCE_FORMAT', `${name}: expected ${expected}, found ${found}`);
  };
  const riff = await reader.take(12);
  if (riff.length === 0) fail('a WAV file', 'an empty file');
  if (!['RIFF', 'RF64'].includes(text(riff, 0)) || text(riff, 8) !== 'WAVE') {
    fail('a RIFF WAVE header', `"${printable(riff)}"`);
  }
  let format: WavFormat | null = null;
  let longLength: number | null = null;
  for (;;) {
    const header = await reader.take(CHUNK_HEADER);
    if (header.length < CHUNK_HEADER) fail('a data chunk', 'the end of the file');
    const id = text(header, 0);
    const length = view(header).getUint32(4, true);
    if (id === 'data') {
      if (format === null) return fail('a fmt chunk before the data', 'none');
      return decodeData(reader, format, longLength ?? length, block);
    }
    if (id === 'fmt ') {
      if (length > FORMAT_MAX_BYTES) fail('a fmt chunk of 16 to 40 bytes', `${length}`);
      const body = await reader.take(length + (length % 2));
      format = parseFormat(body, fail);
    } else if (id === 'ds64') {
      if (length < DS64_BYTES) fail(`a ds64 chunk of at least ${DS64_BYTES} bytes`, `${length}`);
      // Behind the length of the file stands that of the data.
      longLength = Number(view(await reader.take(DS64_BYTES)).getBigUint64(8, true));
      await reader.skip(length - DS64_BYTES + (length % 2));
    } else {
      await reader.skip(length + (length % 2));
    }
  }
}

function decodeData(reader: ByteReader, format: WavFormat, length: number, block?: Block): DecodedAudio {
  const { rateHz, channels, sample } = format;
  const sampleBytes = sample.bytes * channels;
  const unknown = isUnknown(length);
  let lost = 0;
  async function* blocks(): AsyncGenerator<Float32Array> {
    const read = sampleReader(sample, block);
    let left = unknown ? Number.POSITIVE_INFINITY : length;
    let rest: Uint8Array = new Uint8Array(0);
    while (left > 0) {
      const piece = await reader.some(Math.min(left, BLOCK_BYTES));
      if (piece.length === 0) break;
      left -= piece.length;
      const joined = concatenate(rest, piece);
      const whole = joined.length - (joined.length % sampleBytes);
      if (rest.length > 0 || whole < joined.length) rest = joined.slice(whole);
      if (whole > 0) yield read(joined.subarray(0, whole));
    }
    if (!unknown) lost = Math.floor((left + rest.length) / sampleBytes);
  }
  return { rateHz, channels, blocks: blocks(), lostSamples: () => lost };
}

function isUnknown(length: number): boolean {
  if (length === 0 || length > Number.MAX_SAFE_INTEGER) return true;
  return LENGTHS_UNKNOWN.some((most) => length <= most && length > most - LENGTH_ROUNDED_BYTES);
}

function parseFormat(body: Uint8Array, fail: (expected: string, found: string) => never): WavFormat {
  if (body.length < 16) fail('a fmt chunk of at least 16 bytes', `${body.length}`);
  const fields = view(body);
  const tag = fields.getUint16(0, true);
  const channels = fields.getUint16(2, true);
  const rateHz = fields.getUint32(4, true);
  const bits = fields.getUint16(14, true);
  const extended = tag === FORMAT_EXTENSIBLE && body.length >= 40;
  // The first two bytes of the sub-format GUID are the plain tag.
  const kind = extended ? fields.getUint16(24, true) : tag;
  if (channels < 1 || channels > 64) fail('1 to 64 channels', `${channels}`);
  if (rateHz < 1000 || rateHz > 384_000) fail('a rate of 1000 to 384000 Hz', `${rateHz}`);
  const sample = sampleFormat(kind, bits);
  return sample === null
    ? fail('PCM of 8, 16, 24 or 32 bits, float of 32 or 64 or G.711', `format ${kind} of ${bits} bits`)
    : { sample, rateHz, channels };
}

function sampleFormat(kind: number, bits: number): SampleFormat | null {
  if (kind === FORMAT_PCM && bits === 8) return { kind: 'unsigned', bytes: 1 };
  if (kind === FORMAT_PCM && (bits === 16 || bits === 24 || bits === 32)) {
    return { kind: 'signed', bytes: bits === 16 ? 2 : bits === 24 ? 3 : 4 };
  }
  if (kind === FORMAT_FLOAT && bits === 32) return { kind: 'float', bytes: 4 };
  if (kind === FORMAT_FLOAT && bits === 64) return { kind: 'float', bytes: 8 };
  if (kind === FORMAT_A_LAW && bits === 8) return { kind: 'a-law', bytes: 1 };
  if (kind === FORMAT_MU_LAW && bits === 8) return { kind: 'mu-law', bytes: 1 };
  return null;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** The first bytes of something that is not a recording, for an error message. */
export function printable(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 12)]
    .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    .join('');
}
