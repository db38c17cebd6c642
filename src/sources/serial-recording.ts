import type { ReadStream } from 'node:fs';
import { createReadStream } from 'node:fs';
import { BoardLink } from '../bridge/link.js';
import type { Clock } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { Source, SourceItem } from '../core/frame.js';
import { Pacer } from './pacer.js';

export interface SerialRecordingOptions {
  readonly id: string;
  /** Bytes as a serial line carried them (`.bridge`). */
  readonly path: string;
  /** 1 is real time, 0 as fast as it goes. */
  readonly speed: number;
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
}

/**
 * The recorded bytes of a board, through the same link as a live one.
 *
 * `frames` throws `SOURCE_UNAVAILABLE` when the file cannot be read, `SOURCE_FORMAT` when no board describes
 * itself in it.
 */
export class SerialRecording implements Source {
  readonly id: string;
  readonly #options: SerialRecordingOptions;
  readonly #clock: Pick<Clock, 'monotonicMs'>;

  constructor(options: SerialRecordingOptions, clock: Pick<Clock, 'monotonicMs'>) {
    this.id = options.id;
    this.#options = options;
    this.#clock = clock;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { path, speed, hopRows } = this.#options;
    const link = new BoardLink(this.id, { hopRows });
    const pacer = new Pacer(this.#clock, speed);
    for await (const chunk of readable(createReadStream(path), path)) {
      for (const item of link.read(chunk)) {
        if (item.kind === 'frame') {
          const samples = item.sample + item.data.length / item.channels;
          await pacer.wait((samples / item.rateHz) * 1000, signal);
        }
        if (signal.aborted) return;
        yield item;
      }
    }
    if (link.hello === null) {
      throw new CatnapError(
        'SOURCE_FORMAT',
        `${path}: expected the bytes of a Catnap board with a hello among them, found none in ${link.stats.packets} packets and ${link.stats.garbageBytes} bytes of garbage`,
      );
    }
  }
}

async function* readable(stream: ReadStream, path: string): AsyncGenerator<Buffer> {
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new CatnapError('SOURCE_UNAVAILABLE', `${path}: expected a readable recording: ${String(cause)}`, {
      cause,
    });
  }
}
