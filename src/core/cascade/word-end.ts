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

/** So much longer than that is waited at most for a word to be over. */
const GROWING_MS = 1000;
/** It fits better where tiny is so much surer of it. */
const SURER = 0.02;

/**
 * When what was noticed is verified: as long after as of anything, or as tiny says; and where tiny wants to hear what
 * follows, as long after what it is ever surer of, for the word is not over before.
 */
export class VerifyTime {
  sample: number;
  readonly #latestSample: number;
  #surest: number;

  constructor(
    decision: Decision,
    noticedSample: number,
    leastMs: number,
    private readonly rateHz: number,
  ) {
    const { tailMs = 0, confidence } = decision.kind === 'abstain' ? { confidence: 1 } : decision;
    this.sample = noticedSample + samplesIn(Math.max(leastMs, tailMs), rateHz);
    this.#latestSample = this.sample + samplesIn(GROWING_MS, rateHz);
    this.#surest = confidence;
  }

  /** Takes what tiny says of the hop that ends at `endSample`. */
  hear(decision: Decision, endSample: number): void {
    if (decision.kind === 'abstain' || decision.tailMs === undefined) return;
    if (decision.confidence < this.#surest + SURER) return;
    this.#surest = decision.confidence;
    const tailSamples = samplesIn(decision.tailMs, this.rateHz);
    this.sample = Math.max(this.sample, Math.min(this.#latestSample, endSample + tailSamples));
  }
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
