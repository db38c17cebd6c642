import type { WebSocket } from 'ws';
import { parseJson } from '../core/json.js';
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

/** Wraps an upgraded socket. */
export function createVisitor(socket: WebSocket, onError: (error: unknown) => void): Visitor {
  let wantsTelemetry = true;
  let skipped = 0;
  let alive = true;

  const behind = (): boolean => socket.bufferedAmount > BUFFERED_MAX_BYTES;
  const giveUp = (): void => socket.close(CLOSE.tryAgainLater, 'too slow');

  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code ?? '')) onError(error);
  });
  socket.on('pong', () => {
    alive = true;
  });
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? null : parseMessage(String(data));
    if (message === null) socket.close(CLOSE.policy, 'message not understood');
    else wantsTelemetry = message.telemetry;
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
    send(message) {
      socket.send(JSON.stringify(message));
    },
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

function parseMessage(text: string) {
  return clientMessageSchema.safeParse(parseJson(text)).data ?? null;
}
