import type { MessagePort } from 'node:worker_threads';
import { Backoff, type BackoffBounds } from '../../core/backoff.js';
import type { Timer } from '../../core/clock.js';
import { sleep } from '../../core/waiting.js';
import { HeavyLine, type HeavyLineOptions } from './heavy-line.js';
import type { LineReply } from './heavy-protocol.js';

/** Where a source's worker has its line to the heavy process from. */
export interface HeavyEnds {
  /** Null: there is none. */
  readonly heavy: MessagePort | null;
  heavyAgain(): Promise<MessagePort>;
}

export interface HeavyConnection {
  readonly line: HeavyLine;
  dispose(): void;
}

/** A thread that ends as soon as it starts is not started over and over. */
const AGAIN: BackoffBounds = { firstMs: 500, maxMs: 30_000, jitter: 'half' };

/**
 * Connects a source to the heavy process: a line that abstains while it is down. When the thread at its other end is
 * gone, another is asked for, which starts that thread anew.
 */
export function connectHeavy(
  ends: HeavyEnds,
  { timer, ...options }: Omit<HeavyLineOptions, 'send'> & { readonly timer: Timer },
): HeavyConnection {
  let port: MessagePort | null = null;
  const backoff = new Backoff(AGAIN);
  const line = new HeavyLine({ ...options, send: (request) => port?.postMessage(request) });
  const { onHealth } = options;
  let isOver = false;

  const use = (end: MessagePort): void => {
    port = end;
    end.on('message', (reply: LineReply) => {
      if (reply.kind === 'answer') backoff.reset();
      line.receive(reply);
    });
    end.on('close', () => {
      if (!isOver) void again();
    });
  };
  const again = async (): Promise<void> => {
    line.close();
    onHealth({ state: 'down', code: 'STAGE_UNAVAILABLE', detail: 'the thread of the heavy process ended' });
    await sleep(timer, backoff.next());
    if (isOver) return;
    const end = await ends.heavyAgain();
    use(end);
    line.reopen();
    onHealth({ state: 'ok', code: 'OK', detail: 'can be asked again' });
  };

  if (ends.heavy === null) line.close();
  else use(ends.heavy);
  return {
    line,
    dispose: () => {
      isOver = true;
      line.close();
      port?.close();
    },
  };
}
