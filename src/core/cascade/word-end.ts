import { samplesIn } from '../signal/duration.js';
import { quietestNear, quietestReach } from '../signal/quietest.js';
import type { Ring } from '../signal/ring.js';
import type { StageGuard } from './guard.js';
import type { Detection } from './report.js';
import type { Decision } from './stage.js';
import type { Utterance } from './utterance.js';

/** How long a wake word lasts at most: it ends no longer before the sample at which it was noticed. */
export const WAKE_WORD_MS = 1000;
/** It ends no longer after that sample. */
const WORD_REST_MS = 480;

/** How much its verifier waits for of what follows what was noticed, ms: as much as of anything, or as tiny says. */
export function tailOf(decision: Decision, leastMs: number): number {
  return decision.kind === 'abstain' ? leastMs : Math.max(leastMs, decision.tailMs ?? 0);
}

/** From where a verifier is shown the signal: nothing of a word that was told, or it would believe that once more. */
export function shownFrom(
  { noticedSample }: Detection,
  told: Detection | undefined,
  windowSamples: number,
): number {
  return Math.max(noticedSample - windowSamples, told?.endSample ?? Number.NEGATIVE_INFINITY);
}

/**
 * Notes where a stage says that the word ends; the first place that fits, for a later one may be of the order: a word
 * that is said fast scores late, and an order may sound like the rest of it.
 */
export function placeEnd(detection: Detection, decision: Decision, rateHz: number): void {
  if (decision.kind !== 'abstain' && decision.endSample !== undefined)
    placeAt(detection, decision.endSample, rateHz);
}

function placeAt(detection: Detection, sample: number, rateHz: number): void {
  const endSample = Math.min(sample, detection.endSample ?? Number.POSITIVE_INFINITY);
  const earliest = detection.noticedSample - samplesIn(WAKE_WORD_MS, rateHz);
  const latest = detection.noticedSample + samplesIn(WORD_REST_MS, rateHz);
  if (endSample >= earliest && endSample <= latest) detection.endSample = endSample;
}

/** Asks heavy where the word ends that it believed, where it has not said so and can. */
export async function askEnd(heavy: StageGuard | null, detection: Detection, rateHz: number): Promise<void> {
  const { unplaced, label } = detection;
  detection.unplaced = null;
  if (unplaced === null || heavy === null) return;
  const endSample = await heavy.endWithin(unplaced, label);
  if (endSample !== null) placeAt(detection, endSample, rateHz);
}

/** What no pause parts from its wake word begins where that ends, as far as that is known. */
export function fromWordEnd(
  utterance: Utterance,
  { endSample }: Detection,
  ring: Ring,
  rateHz: number,
): Utterance {
  if (utterance.apart || endSample === null) return utterance;
  const { from, to } = quietestReach(endSample, rateHz);
  const startSample = quietestNear(ring.copy(from, to), rateHz, endSample);
  return { ...utterance, startSample: Math.min(startSample, utterance.endSample) };
}
