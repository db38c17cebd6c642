import type { Reason, TrailEntry } from '../events/events.js';
import { toInt16 } from '../signal/pcm.js';
import type { Ring } from '../signal/ring.js';

/** Samples kept for an escalation, mono 16-bit at `rateHz`. */
export interface Clip {
  readonly rateHz: number;
  readonly startSample: number;
  readonly pcm: Int16Array;
}

/** Samples `[startSample, endSample)` as far as the ring holds them; null of a signal of several channels. */
export function clipOf(ring: Ring, rateHz: number, startSample: number, endSample: number): Clip | null {
  if (ring.channels !== 1) return null;
  const held = ring.copy(startSample, endSample);
  return { rateHz, startSample: held.startSample, pcm: Int16Array.from(held.data, toInt16) };
}

/**
 * Of what clips are kept: `all` detections; `near-misses`, those that were refused or that a stage was not sure of;
 * `almost-noticed`, what tiny all but took for a detection.
 */
export const CLIPS_OF = ['all', 'near-misses', 'almost-noticed'] as const;

export type ClipsOf = (typeof CLIPS_OF)[number];

/** Of what clips are kept, and what takes them. */
export interface ClipKeeping {
  readonly of: readonly ClipsOf[];
  /** @param key `<run>/<detection>`, or `<run>/<id>` of the event that tells what was almost noticed */
  keep(key: string, clip: Clip): void;
}

/** Whether a clip is kept of a detection. Tiny is hardly ever sure, which is what the others are for. */
export function isKept({ of }: ClipKeeping, trail: readonly TrailEntry[], isRefused: boolean): boolean {
  if (of.includes('all')) return true;
  return of.includes('near-misses') && (isRefused || trail.slice(1).some(({ kind }) => kind === 'uncertain'));
}

/** What the cascade hands to the uplink. The way out decides which of these parts may leave. */
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
  /** What the policy decided on, as the event has it. */
  readonly features: Readonly<Record<string, number>>;
  /** A local answer stands and was acted on; the cloud's may still say more. */
  readonly answeredHere: boolean;
  readonly transcript: string | null;
  /** A sensor's statistics and contributing channels, as JSON. */
  readonly summary: unknown;
  readonly clip: Clip | null;
}

/** What was said after a verified wake word, from its first sample on, while it is still being said. */
export interface SpeechStart {
  /** Key of the escalation that may come of it. */
  readonly key: string;
  readonly detection: string;
  readonly source: string;
  readonly label: string;
  /** Sample index of the first sample. */
  readonly startSample: number;
  readonly rateHz: number;
  /** It is over by then, from its first sample on. */
  readonly maxMs: number;
}

/**
 * Takes speech as it is being said, ahead of the decision what becomes of it. The way out decides whether
 * it leaves.
 */
export interface SpeechStreams {
  begin(start: SpeechStart): void;
  /** The next samples, mono 16-bit. */
  samples(key: string, pcm: Int16Array): void;
  /** Nothing will be asked about it. Otherwise the escalation under its key ends it. */
  abandon(key: string): void;
}

/** The far side of the policy. Verdicts come back as events. */
export interface Uplink {
  /** Resolves once the escalation is durable (or, without an outbox, queued). Never blocks the cascade. */
  offer(escalation: Escalation): Promise<void>;
  /** Tells that an escalation may follow soon, so that a connection can be opened early. Free to ignore. */
  prepare(): void;
  /** Where speech may stream to while it is being said; null where that is not wanted. */
  readonly speechStreams: SpeechStreams | null;
  /**
   * Flushes what can be flushed within `deadlineMs`, then closes, but not before `last` is over: what still acts wants
   * to be written down.
   */
  close(deadlineMs: number, last?: Promise<unknown>): Promise<void>;
}

/**
 * What events call the detection of an idempotency key (`<run>/<detection>`). One of an earlier run, which waited
 * in the outbox, goes by its whole key: this run may have a namesake.
 */
export function detectionOf(key: string, run: string): string {
  return key.startsWith(`${run}/`) ? key.slice(run.length + 1) : key;
}
