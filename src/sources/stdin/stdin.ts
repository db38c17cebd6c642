import { createReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Health } from '../../core/events/health.js';
import type { Source, SourceItem } from '../../core/signal/frame.js';
import { SIGNED_16, sampleReader } from '../../core/signal/pcm.js';
import type { ChannelChoice } from '../channels.js';
import { monoFrames } from '../mono.js';
import { concatenate } from '../recording/decoded.js';

/** Raw PCM on a stream: signed 16-bit little endian, interleaved. */
export interface RawPcmOptions {
  readonly id: string;
  readonly stream: Readable;
  readonly rateHz: number;
  readonly channels: number;
  /** Without it all channels are mixed to one. */
  readonly channel?: ChannelChoice;
  /** Told when channels that are mixed cancel, or one of them is dead. */
  readonly onMix?: (health: Health) => void;
  readonly frameSamples?: number;
}

/** Raw PCM, as `arecord -t raw` or `ffmpeg -f s16le` write it, as a mono signal at 16 kHz. Ends with the stream. */
export class RawPcmSource implements Source {
  readonly id: string;
  readonly #options: RawPcmOptions;

  constructor(options: RawPcmOptions) {
    this.id = options.id;
    this.#options = options;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { stream, rateHz, channels, channel = null, onMix, frameSamples } = this.#options;
    const stop = () => stream.destroy();
    signal.addEventListener('abort', stop, { once: true });
    const audio = { rateHz, channels, blocks: wholeSamples(stream, 2 * channels), lostSamples: () => 0 };
    try {
      yield* monoFrames(audio, { source: this.id, channel, frameSamples, onMix });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** Standard input of the process, also in a worker thread, where `process.stdin` is the worker's own. */
export function openStandardInput(): Readable {
  if (fstatSync(0).isFile()) return createReadStream('', { fd: 0, autoClose: false });
  return new Socket({ fd: 0, readable: true, writable: false });
}

/** Chunks of a pipe end on odd bytes: what does not make a sample yet waits for the next one. */
async function* wholeSamples(stream: Readable, sampleBytes: number): AsyncGenerator<Float32Array> {
  const read = sampleReader(SIGNED_16);
  let rest: Uint8Array = new Uint8Array(0);
  for await (const piece of stream) {
    const joined = concatenate(rest, piece as Uint8Array);
    const whole = joined.length - (joined.length % sampleBytes);
    rest = joined.subarray(whole);
    if (whole > 0) yield read(joined.subarray(0, whole));
  }
}
