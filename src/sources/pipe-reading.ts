import type { Readable } from 'node:stream';

/** The part of the handle behind a pipe or socket (`net.Socket` in Node's lib/net.js) that starts and stops reading. */
interface PipeHandle {
  reading: boolean;
  readStart(): number;
  readStop(): number;
}

/**
 * Leaves what the far end writes in the kernel's buffer, so that nothing wakes this thread. `Readable.pause()` does
 * not: it goes on reading until the stream's own buffer is full. This is what `net.Socket` itself does in `pause()`
 * where it was made with `onread`, which neither a child's pipe nor a server's socket can be. Not in a `data`
 * listener, after which the stream sees to it that it reads. False where this Node has no such handle.
 */
export function stopReading(pipe: Readable): boolean {
  const handle = handleOf(pipe);
  if (handle === null || !handle.reading) return false;
  handle.reading = false;
  return handle.readStop() === 0;
}

/** Goes on after {@link stopReading}. */
export function startReading(pipe: Readable): void {
  const handle = handleOf(pipe);
  if (handle === null || handle.reading) return;
  handle.reading = true;
  handle.readStart();
}

function handleOf(pipe: Readable): PipeHandle | null {
  const { _handle: handle } = pipe as Readable & { readonly _handle?: Partial<PipeHandle> | null };
  if (typeof handle?.readStop !== 'function' || typeof handle.readStart !== 'function') return null;
  return handle as PipeHandle;
}
