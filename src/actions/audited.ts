import { codeOf } from '../core/errors.js';
import type { Passage, Passed } from '../egress/way-out.js';
import type { ActionEdges, ActionRequest } from './action-kind.js';

/** Sends a message over the network, and tells the audit what became of it. `send` gives what the far end said. */
export async function audited(
  { detection, name }: ActionRequest,
  passage: Passage,
  { onPassage, clock }: ActionEdges,
  send: () => Promise<string>,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  const tell = (outcome: Passed['outcome'], verdict: string): void => {
    const latencyMs = clock.monotonicMs() - startedMs;
    const wallMs = clock.wallMs();
    onPassage?.({ detection, rule: `action ${name}`, passage, wallMs, latencyMs, outcome, verdict });
  };
  try {
    tell('sent', await send());
  } catch (error) {
    const code = codeOf(error, 'UPLINK_UNAVAILABLE');
    tell(code === 'EGRESS_DENIED' ? 'denied' : 'failed', code);
    throw error;
  }
}
