import type { WebSocket } from 'ws';
import { parseJson } from '../core/json.js';
import type * as z from '../core/zod.js';
import type { Counter } from './desk.js';
import { CLOSE, clientMessageSchema, type ServerMessage } from './protocol.js';

/** Above this many bytes waiting for a visitor, telemetry is skipped. */
const BUFFERED_MAX_BYTES = 1024 * 1024;
/** Readings skipped in a row before the visitor is given up. */
const SKIPPED_MAX = 100;

/** How a socket says that its visitor has left; nothing went wrong. */
const GONE: readonly string[] = ['EPIPE', 'ECONNRESET'];

/** One open dashboard. A slow one costs at most {@link BUFFERED_MAX_BYTES} plus one message. */
export interface Visitor {
  /** Sends what must not be lost; closes with 1013 when the visitor cannot keep up. */
  sendEvent(message: string): void;
  /** Sends a reading, or skips it when the visitor is behind. */
  sendReading(message: string): void;
  send(message: ServerMessage): void;
  /** Ends a visitor that has not answered since the last call, asks the others. */
  heartbeat(): void;
  close(code: number, reason: string): void;
}

/** Wraps an upgraded socket; `counter` takes its commands. */
export function createVisitor(
  socket: WebSocket,
  counter: Counter,
  onError: (error: unknown) => void,
): Visitor {
  let wantsTelemetry = true;
  let skipped = 0;
  let alive = true;

  const behind = (): boolean => socket.bufferedAmount > BUFFERED_MAX_BYTES;
  const giveUp = (): void => socket.close(CLOSE.tryAgainLater, 'too slow');

  const send = (message: ServerMessage): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };

  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) onError(error);
  });
  socket.on('pong', () => {
    alive = true;
  });
  onMessage(socket, (message) => {
    if (message.type === 'watch') wantsTelemetry = message.telemetry;
    else void counter(message).then(send);
  });

  return {
    sendEvent(message) {
      if (socket.readyState !== socket.OPEN) return;
      if (behind()) giveUp();
      else socket.send(message);
    },
    sendReading(message) {
      if (!wantsTelemetry || socket.readyState !== socket.OPEN) return;
      if (!behind()) {
        skipped = 0;
        socket.send(message);
        return;
      }
      skipped += 1;
      if (skipped > SKIPPED_MAX) giveUp();
    },
    send,
    heartbeat() {
      if (!alive) {
        socket.terminate();
        return;
      }
      alive = false;
      if (socket.readyState === socket.OPEN) socket.ping();
    },
    close(code, reason) {
      socket.close(code, reason);
    },
  };
}

/** Takes each message of a visitor; what is none ends the visit. */
function onMessage(socket: WebSocket, take: (message: z.infer<typeof clientMessageSchema>) => void): void {
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? undefined : clientMessageSchema.safeParse(parseJson(String(data))).data;
    if (message === undefined) socket.close(CLOSE.policy, 'message not understood');
    else take(message);
  });
}
