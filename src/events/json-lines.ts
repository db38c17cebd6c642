import type { Writable } from 'node:stream';
import type { CascadeEvent, Sink } from '../core/events/events.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { intoFile } from './file-kind.js';
import type { SinkKind } from './sink-kind.js';

/** Bytes that may wait for a slow reader before events are dropped. */
const BUFFERED_MAX_BYTES = 4 * 1024 * 1024;

/** A sink that writes one JSON object a line. */
export interface JsonLinesSink extends Sink {
  /** Events lost because the reader was too slow or had gone. */
  dropped(): number;
}

/**
 * Writes events to a stream (stdout, a file, a socket) as JSON Lines. A reader that falls behind loses events,
 * counted; one that goes away (EPIPE) ends the writing and nothing else. The stream is flushed on close but left open.
 */
export function createJsonLinesSink(stream: Writable): JsonLinesSink {
  let dropped = 0;
  let broken = false;
  const onError = (): void => {
    broken = true;
  };
  stream.on('error', onError);
  return {
    publish(event: CascadeEvent) {
      if (broken || stream.writableLength > BUFFERED_MAX_BYTES) dropped += 1;
      else stream.write(`${JSON.stringify(event)}\n`);
    },
    dropped: () => dropped,
    async close() {
      if (!broken && !stream.destroyed) {
        await new Promise<void>((resolve) => stream.write('', () => resolve()));
      }
    },
  };
}

const schema = (z: Zod) =>
  z.strictObject({
    kind: z.literal('json-lines').describe('JSON Lines, one event each, written on to the end of a file.'),
    path: z.string().min(1).describe('File, relative to this file. It grows until somebody cuts it.'),
  });

/** Events as JSON Lines, for other programs. */
export const jsonLines = {
  kind: 'json-lines',
  schema,
  ...intoFile(createJsonLinesSink),
} as const satisfies SinkKind<z.infer<ReturnType<typeof schema>>>;
