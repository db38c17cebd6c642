import type { Clock } from '../core/clock.js';
import { codeOf } from '../core/errors.js';
import type { Passed } from './way-out.js';

/** Who is told of what left. */
export interface AuditEdges {
  readonly clock: Clock;
  /** Told of each message that left, or was kept from leaving, for the audit. */
  readonly onPassage?: (passed: Passed) => void;
}

/** Sends a message over the network, and tells the audit what became of it. `send` gives what the far end said. */
export async function audited<Verdict extends string>(
  message: Pick<Passed, 'detection' | 'rule' | 'passage'>,
  { onPassage, clock }: AuditEdges,
  send: () => Promise<Verdict>,
): Promise<Verdict> {
  const startedMs = clock.monotonicMs();
  const tell = (outcome: Passed['outcome'], verdict: string): void => {
    const latencyMs = clock.monotonicMs() - startedMs;
    onPassage?.({ ...message, wallMs: clock.wallMs(), latencyMs, outcome, verdict });
  };
  try {
    const verdict = await send();
    tell('sent', verdict);
    return verdict;
  } catch (error) {
    const code = codeOf(error, 'UPLINK_UNAVAILABLE');
    tell(code === 'EGRESS_DENIED' ? 'denied' : 'failed', code);
    throw error;
  }
}
