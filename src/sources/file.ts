import { createReadStream } from 'node:fs';
import { CatnapError } from '../core/errors.js';
import type { Source, SourceItem } from '../core/frame.js';
import type { Bytes, DecodedAudio } from './decoded.js';
import type { Encoding } from './encoded.js';
import { monoFrames } from './mono.js';
import { decodeWav, printable } from './wav.js';

/** A recording to listen to. */
export interface FileOptions {
  readonly id: string;
  readonly path: string;
  /** Starts again at the end, for ever; the sample clock goes on and a gap (`reset`) stands between. */
  readonly loop?: boolean;
  /** Channel to take; null (default) mixes all of them to one. */
  readonly channel?: number | null;
  /** Samples of a frame; the cascade does not depend on it. */
  readonly frameSamples?: number;
  /** Bytes read at a time. */
  readonly readBytes?: number;
  /** Told how many bytes of the file were read, for a progress bar. */
  readonly onRead?: (bytes: number) => void;
}

/** Enough to tell formats apart: an Ogg page header and the codec's magic. */
const SNIFF_BYTES = 64;
const READ_BYTES = 64 * 1024;
const FRAME_SAMPLES = 1280;

/**
 * A WAV, FLAC or Ogg (Vorbis, Opus) recording as a mono signal at 16 kHz, told apart by content.
 * `frames` throws `SOURCE_UNAVAILABLE` when it cannot be read and `SOURCE_FORMAT` when it is not a recording.
 */
export class FileSource implements Source {
  readonly id: string;
  readonly #options: FileOptions;

  constructor(options: FileOptions) {
    this.id = options.id;
    this.#options = options;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    let playedSamples = 0;
    let seq = 0;
    do {
      let endSample = playedSamples;
      for await (const item of this.#once()) {
        if (signal.aborted) return;
        if (item.kind === 'format') {
          if (playedSamples === 0) yield item;
          continue;
        }
        const sample = item.sample + playedSamples;
        const samples = item.kind === 'frame' ? item.data.length : item.lostSamples;
        endSample = sample + samples;
        if (item.kind === 'gap') yield { ...item, sample };
        else {
          yield { ...item, sample, seq };
          seq += 1;
        }
      }
      playedSamples = endSample;
      if (this.#options.loop === true) {
        yield { kind: 'gap', source: this.id, sample: playedSamples, lostSamples: 0, reason: 'reset' };
      }
    } while (this.#options.loop === true);
  }

  async *#once(): AsyncGenerator<SourceItem> {
    const { path, channel = null, frameSamples = FRAME_SAMPLES } = this.#options;
    const audio = await openRecording(this.#options);
    let empty = true;
    for await (const item of monoFrames(audio, { source: this.id, channel, frameSamples })) {
      if (item.kind !== 'format') empty = false;
      yield item;
    }
    if (empty) throw new CatnapError('SOURCE_FORMAT', `${path}: expected audio, found no samples`);
  }
}

/**
 * Opens a recording by its content.
 * @throws CatnapError `SOURCE_UNAVAILABLE`, `SOURCE_FORMAT`.
 */
export async function openRecording(
  options: Pick<FileOptions, 'path' | 'readBytes' | 'onRead'>,
): Promise<DecodedAudio> {
  const bytes = readable(options);
  // Whatever follows the samples is never read, so the file does not come to its end by itself.
  const close = async (): Promise<void> => void (await bytes.return(undefined));
  try {
    const audio = await decode(bytes, options.path);
    return { ...audio, blocks: closingAfter(audio.blocks, close) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* closingAfter(
  blocks: DecodedAudio['blocks'],
  close: () => Promise<void>,
): AsyncGenerator<Float32Array> {
  try {
    yield* blocks;
  } finally {
    await close();
  }
}

async function decode(bytes: AsyncGenerator<Uint8Array>, path: string): Promise<DecodedAudio> {
  const { head, whole } = await sniff(bytes);
  const magic = printable(head);
  // The decoders are half a megabyte of code that WAV does without.
  const decoded = async (encoding: Encoding) =>
    (await import('./encoded.js')).decodeEncoded(whole, path, encoding);
  if (magic.startsWith('RIFF') || magic.startsWith('RF64')) return decodeWav(whole, path);
  if (magic.startsWith('fLaC')) return decoded('flac');
  if (magic.startsWith('OggS')) {
    const content = String.fromCharCode(...head);
    if (content.includes('OpusHead')) return decoded('ogg-opus');
    if (content.includes('vorbis')) return decoded('ogg-vorbis');
    throw new CatnapError('SOURCE_FORMAT', `${path}: expected Vorbis or Opus in Ogg, found another codec`);
  }
  const found = head.length === 0 ? 'an empty file' : `"${magic}"`;
  throw new CatnapError(
    'SOURCE_FORMAT',
    `${path}: expected WAV (RIFF), FLAC (fLaC) or Ogg (OggS), found ${found}`,
  );
}

async function* readable(
  options: Pick<FileOptions, 'path' | 'readBytes' | 'onRead'>,
): AsyncGenerator<Uint8Array> {
  const { path, readBytes = READ_BYTES, onRead } = options;
  try {
    for await (const piece of createReadStream(path, { highWaterMark: readBytes })) {
      onRead?.((piece as Uint8Array).length);
      yield piece as Uint8Array;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CatnapError('SOURCE_UNAVAILABLE', `${path}: expected a readable recording: ${why}`, { cause });
  }
}

/** The first bytes, and the stream with them still in front. */
async function sniff(bytes: AsyncGenerator<Uint8Array>): Promise<{ head: Uint8Array; whole: Bytes }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length < SNIFF_BYTES) {
    const { value, done } = await bytes.next();
    if (done === true) break;
    pieces.push(value);
    length += value.length;
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* pieces;
    yield* bytes;
  }
  return { head: Buffer.concat(pieces).subarray(0, SNIFF_BYTES), whole: whole() };
}
