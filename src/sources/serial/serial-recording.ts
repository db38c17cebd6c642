import type { ReadStream } from 'node:fs';
import { createReadStream } from 'node:fs';
import { CatnapError } from '../../core/errors.js';
import type { Health } from '../../core/events/health.js';
import type { Source, SourceItem } from '../../core/signal/frame.js';
import { BoardLink, type LinkStats } from './protocol/link.js';
import { toldLosses } from './told-losses.js';

export interface SerialRecordingOptions {
  readonly id: string;
  /** Bytes as a serial line carried them (`.bridge`). */
  readonly path: string;
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
  /** Starts again at the end, as a board that was reset does. */
  readonly loop: boolean;
  /** Told what losses on the line cost. */
  readonly onHealth: (health: Health) => void;
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
  #link: BoardLink | null = null;

  constructor(options: Partial<SerialRecordingOptions> & Pick<SerialRecordingOptions, 'id' | 'path'>) {
    this.id = options.id;
    this.#options = { hopRows: null, loop: false, onHealth: () => {}, ...options };
  }

  /** What was received, lost and refused so far; null before it is read. */
  get stats(): LinkStats | null {
    return this.#link?.stats ?? null;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { path, hopRows, loop, onHealth } = this.#options;
    const link = new BoardLink(this.id, { hopRows, events: toldLosses(onHealth) });
    this.#link = link;
    do {
      for await (const chunk of readable(createReadStream(path), path)) {
        for (const item of link.read(chunk)) {
          if (signal.aborted) return;
          yield item;
        }
      }
      if (link.hello === null) throw this.#noBoard(link);
      yield* link.end();
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
