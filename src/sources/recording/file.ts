import { close, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { CatnapError } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type { Source, SourceItem } from '../../core/signal/frame.js';
import type { ChannelChoice } from '../channels.js';
import { type DecodedAudio, Workspace } from '../decoded-audio.js';
import { monoFrames } from '../mono.js';
import { ByteReader } from './decoded.js';
import type { Encoding } from './encoded.js';
import { decodeWav, printable } from './wav.js';

/** A recording to listen to. */
export interface FileOptions {
  readonly id: string;
  readonly path: string;
  /** Starts again at the end, for ever; the sample clock goes on and a gap (`reset`) stands between. */
  readonly loop?: boolean;
  /** Without it all channels are mixed to one. */
  readonly channel?: ChannelChoice;
  /** Told when channels that are mixed cancel, or one of them is dead. */
  readonly onMix?: (health: Health) => void;
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
    const workspace = new Workspace(this.#options.readBytes ?? READ_BYTES);
    let playedSamples = 0;
    do {
      let endSample = playedSamples;
      for await (const item of this.#once(workspace)) {
        if (signal.aborted) return;
        if (item.kind === 'format') {
          if (playedSamples === 0) yield item;
          continue;
        }
        const sample = item.sample + playedSamples;
        const samples = item.kind === 'frame' ? item.data.length : item.lostSamples;
        endSample = sample + samples;
        yield { ...item, sample };
      }
      playedSamples = endSample;
      if (this.#options.loop === true) {
        yield { kind: 'gap', source: this.id, sample: playedSamples, lostSamples: 0, reason: 'reset' };
      }
    } while (this.#options.loop === true);
  }

  async *#once(workspace: Workspace): AsyncGenerator<SourceItem> {
    const { path, channel = null, frameSamples, onMix } = this.#options;
    const bytes = readable(this.#options, workspace.bytes);
    let empty = true;
    try {
      const audio = await decode(new ByteReader(bytes), path, workspace);
      const options = { source: this.id, channel, frameSamples, workspace, onMix };
      for await (const item of monoFrames(audio, options)) {
        if (item.kind !== 'format') empty = false;
        yield item;
      }
    } finally {
      // Whatever follows the samples is never read, so the file does not come to its end by itself.
      await bytes.return(undefined);
    }
    if (empty) throw new CatnapError('SOURCE_FORMAT', `${path}: expected audio, found no samples`);
  }
}

/** @throws CatnapError `SOURCE_FORMAT` for what is no recording. */
async function decode(
  reader: ByteReader,
  path: string,
  { decoded: block }: Workspace,
): Promise<DecodedAudio> {
  const head = await reader.peek(SNIFF_BYTES);
  const magic = printable(head);
  // The decoders are half a megabyte of code that WAV does without.
  const decoded = async (encoding: Encoding) =>
    (await import('./encoded.js')).decodeEncoded(reader, path, encoding);
  if (magic.startsWith('RIFF') || magic.startsWith('RF64')) return decodeWav(reader, path, block);
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

/** Not those of `node:fs/promises`, which take a buffer for every call that only a full collection gives back. */
const [openFile, readFile, closeFile] = [promisify(open), promisify(read), promisify(close)];

/** Pieces of a file, each a view of `buffer` that the next one overwrites. */
async function* readable(
  { path, onRead }: Pick<FileOptions, 'path' | 'onRead'>,
  buffer: Uint8Array,
): AsyncGenerator<Uint8Array> {
  try {
    const file = await openFile(path, 'r');
    try {
      for (;;) {
        const { bytesRead } = await readFile(file, buffer, 0, buffer.length, null);
        if (bytesRead === 0) return;
        onRead?.(bytesRead);
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await closeFile(file);
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CatnapError('SOURCE_UNAVAILABLE', `${path}: expected a readable recording: ${why}`, { cause });
  }
}
