import type { ReadStream } from 'node:fs';
import { createReadStream } from 'node:fs';
import { CatnapError } from '../../core/errors.js';
import type { Source, SourceItem } from '../../core/signal/frame.js';
import { BoardLink } from './protocol/link.js';

export interface SerialRecordingOptions {
  readonly id: string;
  /** Bytes as a serial line carried them (`.bridge`). */
  readonly path: string;
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
  /** Starts again at the end, as a board that was reset does. */
  readonly loop: boolean;
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

  constructor(options: Partial<SerialRecordingOptions> & Pick<SerialRecordingOptions, 'id' | 'path'>) {
    this.id = options.id;
    this.#options = { hopRows: null, loop: false, ...options };
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { path, hopRows, loop } = this.#options;
    const link = new BoardLink(this.id, { hopRows });
    do {
      for await (const chunk of readable(createReadStream(path), path)) {
        for (const item of link.read(chunk)) {
          if (signal.aborted) return;
          yield item;
        }
      }
      if (link.hello === null) throw this.#noBoard(link);
      link.reopen();
    } while (loop);
  }

  #noBoard(link: BoardLink): CatnapError {
    const { packets, garbageBytes } = link.stats;
    return new CatnapError(
      'SOURCE_FORMAT',
      `${this.#options.path}: expected the bytes of a Catnap board with a hello among them, found none in ${packets} packets and ${garbageBytes} bytes of garbage`,
    );
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
