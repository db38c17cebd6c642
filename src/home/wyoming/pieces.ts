import type { Socket } from 'node:net';
import type { Timer } from '../../core/clock.js';
import { startReading, stopReading } from '../../sources/pipe-reading.js';

/** What is done with what a socket gives. */
export interface PieceTaker {
  /** Takes a piece; a promise where it has to be waited for before the next. */
  take(bytes: Buffer): Promise<void> | undefined;
  /** For how long nothing needs to be read after that. */
  restMs(): number;
}

/**
 * Hands on what a socket gives, piece by piece, until it ends or is closed, and what was taken is done. Listens to
 * `data`, for iterating over a socket costs several times as much a piece.
 * @throws what the taker throws; the rest is left unread then.
 */
export function eachPiece(socket: Socket, timer: Timer, taker: PieceTaker): Promise<void> {
  let cancelRest = (): void => {};
  const over = new Promise<void>((resolve, reject) => {
    let working: Promise<void> = Promise.resolve();
    const rest = (): void => {
      const durationMs = taker.restMs();
      if (durationMs > 0 && stopReading(socket)) cancelRest = timer(durationMs, () => startReading(socket));
    };
    const hear = (bytes: Buffer): void => {
      try {
        const work = taker.take(bytes);
        if (work === undefined) {
          queueMicrotask(rest);
          return;
        }
        socket.pause();
        working = work.then(() => void socket.resume());
        working.catch(fail);
      } catch (error) {
        fail(error);
      }
    };
    const fail = (error: unknown): void => {
      socket.off('data', hear);
      reject(error);
    };
    socket.on('data', hear);
    socket.once('end', () => void working.then(resolve, reject));
    socket.once('close', () => void working.then(resolve, reject));
  });
  return over.finally(() => cancelRest());
}
