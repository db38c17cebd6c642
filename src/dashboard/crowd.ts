import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request whose headers take longer than this is given up; looked at as often as that, too. */
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** For `createServer`: half a request may wait this long. */
export const REQUEST_LIMITS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: HEADERS_TIMEOUT_MS,
} as const;

/**
 * Holds at most `most` connections that are not being answered: those that asked for nothing yet, or have their
 * answer. One more costs the one that has waited longest its place, so that half-open connections, however many, keep
 * nobody out. Connections that were upgraded are no longer counted.
 */
export function limitCrowd(server: Server, most: number): void {
  const waiting = new Set<Socket>();
  const wait = (socket: Socket): void => {
    waiting.add(socket);
    if (waiting.size <= most) return;
    const [longest] = waiting;
    if (longest === undefined) return;
    waiting.delete(longest);
    longest.destroy();
  };
  server.on('connection', (socket: Socket) => {
    wait(socket);
    socket.once('close', () => waiting.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    waiting.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) wait(socket);
    });
  });
  server.on('upgrade', ({ socket }: IncomingMessage) => waiting.delete(socket));
}
