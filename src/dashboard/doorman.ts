import type { IncomingMessage } from 'node:http';
import type { Time } from '../core/clock.js';
import { sleep } from '../core/waiting.js';
import type { Access, Gatekeeper } from './access.js';

/** A wrong token is answered this late, and keeps its address from showing another for as long. */
const WRONG_MS = 1000;
/** After a wrong token, so long nobody's is looked at who has not shown the right one. */
const ALL_MS = 100;
/** Who would have to wait longer for a turn is sent away. */
const LINE_MS = 5000;
/** Addresses that are remembered, of either kind; the one that was heard of longest ago is forgotten. */
const MOST_ADDRESSES = 1000;

/** Looks at tokens, one after the other. */
export interface Doorman {
  /** Whether a request may go on, once its token has had its turn. */
  check(request: IncomingMessage): Promise<Access>;
}

/**
 * Makes trying tokens slow however many are tried at once: after a wrong one, those from the same address wait in line
 * and are looked at one a second, all that are wrong together ten a second. Who has shown the right one, and no wrong
 * one since, waits for nobody. A token in line is not compared, so that an answer tells nothing before its turn.
 */
export function createDoorman(
  gatekeeper: Pick<Gatekeeper, 'checkToken' | 'showsToken'>,
  time: Time,
): Doorman {
  /** By address: when its next token may be looked at; null where its last one was right. */
  const turns = new Map<string, number | null>();
  let nextMs = 0;

  const remember = (address: string, turnMs: number | null): void => {
    turns.delete(address);
    turns.set(address, turnMs);
    const [oldest] = turns.keys();
    if (turns.size > MOST_ADDRESSES && oldest !== undefined) turns.delete(oldest);
  };

  /** When the next token of an address may be looked at; takes that turn. */
  const takeTurn = (address: string, nowMs: number): number => {
    const ownMs = turns.get(address);
    if (ownMs === null) return nowMs;
    const turnMs = Math.max(nowMs, nextMs, ownMs ?? 0);
    if (turnMs === nowMs || turnMs - nowMs > LINE_MS) return turnMs;
    remember(address, turnMs + WRONG_MS);
    nextMs = Math.max(nextMs, nowMs) + ALL_MS;
    return turnMs;
  };

  return {
    async check(request) {
      if (!gatekeeper.showsToken(request)) return gatekeeper.checkToken(request);
      const address = request.socket.remoteAddress ?? '';
      const nowMs = time.clock.monotonicMs();
      const turnMs = takeTurn(address, nowMs);
      if (turnMs - nowMs > LINE_MS) return BUSY;
      if (turnMs > nowMs) await sleep(time.timer, turnMs - nowMs);
      const access = gatekeeper.checkToken(request);
      if (access.allowed) {
        remember(address, null);
        return access;
      }
      const thenMs = time.clock.monotonicMs();
      remember(address, Math.max(turns.get(address) ?? 0, thenMs + WRONG_MS));
      nextMs = Math.max(nextMs, thenMs + ALL_MS);
      await sleep(time.timer, WRONG_MS);
      return access;
    },
  };
}

const BUSY: Access = {
  allowed: false,
  status: 429,
  reason: 'Too many wrong tokens came from here: wait a moment.',
};
