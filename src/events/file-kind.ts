import { createWriteStream, open } from 'node:fs';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { Sink } from '../core/events/events.js';
import type { Finding } from '../core/finding.js';
import { unwritable } from '../files/unwritable.js';
import type { SinkEdges, SinkPlace } from './sink-kind.js';

/** Settings of such a sink. */
export interface FileSettings {
  readonly path: string;
}

/** What a sink that writes on to the end of a file has, whatever it writes. */
export function intoFile(write: (stream: Writable) => Sink) {
  return {
    open: ({ path }: FileSettings, edges: SinkEdges): Promise<Sink> =>
      openFile(resolve(edges.folder, path), write, edges.onError),
    async check({ path }: FileSettings, { folder }: SinkPlace): Promise<Finding> {
      const { checkFile } = await import('./path-check.js');
      return checkFile(resolve(folder, path));
    },
  };
}

async function openFile(
  path: string,
  write: (stream: Writable) => Sink,
  onError: (error: unknown) => void,
): Promise<Sink> {
  let fd: number;
  try {
    fd = await promisify(open)(path, 'a', 0o600);
  } catch (cause) {
    throw unwritable(path, cause);
  }
  const stream = createWriteStream(path, { fd });
  stream.on('error', onError);
  const sink = write(stream);
  return {
    publish: (event) => sink.publish(event),
    async close() {
      await sink.close();
      await new Promise<void>((closed) => stream.end(() => closed()));
    },
  };
}
