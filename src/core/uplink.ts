import type { Reason, TrailEntry } from './events.js';

/** Samples kept for an escalation, mono 16-bit at `rateHz`. */
export interface Clip {
  readonly rateHz: number;
  readonly startSample: number;
  readonly pcm: Int16Array;
}

/** What the cascade hands to the uplink. The egress gate decides which of these parts may leave. */
export interface Escalation {
  /** Idempotency key, unique across runs. */
  readonly key: string;
  readonly detection: string;
  readonly source: string;
  readonly sample: number;
  readonly wallTime: string;
  readonly label: string;
  readonly reasons: readonly Reason[];
  readonly trail: readonly TrailEntry[];
  readonly priority: number;
  /** A local answer stands and was acted on; the cloud's may still say more. */
  readonly answeredHere: boolean;
  readonly transcript: string | null;
  /** A sensor's statistics and contributing channels, as JSON. */
  readonly summary: unknown;
  readonly clip: Clip | null;
}

/** The far side of the policy. Verdicts come back as events. */
export interface Uplink {
  /** Resolves once the escalation is durable (or, without an outbox, queued). Never blocks the cascade. */
  offer(escalation: Escalation): Promise<void>;
  /** Tells that an escalation may follow soon, so that a connection can be opened early. Free to ignore. */
  prepare(): void;
  /** Flushes what can be flushed within `deadlineMs`, then closes. */
  close(deadlineMs: number): Promise<void>;
}
