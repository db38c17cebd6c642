import { samplesIn } from '../signal/duration.js';
import { quietestNear, quietestReach } from '../signal/quietest.js';
import type { Ring } from '../signal/ring.js';
import type { StageGuard } from './guard.js';
import type { Detection } from './report.js';
import type { Decision } from './stage.js';
import type { Utterance } from './utterance.js';

/** How long a wake word lasts at most: by tiny it ends no longer before the sample at which it was noticed. */
export const WAKE_WORD_MS = 1000;
/** It ends no longer after that sample by tiny, and after what a judge was shown. */
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
export function shownFrom(earliestSample: number, told: Detection | undefined): number {
  return Math.max(earliestSample, told?.endSample ?? earliestSample);
}

/**
 * Notes where tiny says that a word ended, near where it noticed one; the first place that fits, for a later one may be
 * of the order: a word that is said fast scores late, and an order may sound like the rest of it.
 */
export function placeEnd(detection: Detection, decision: Decision, rateHz: number): void {
  if (decision.kind === 'abstain' || decision.endSample === undefined) return;
  const { noticedSample } = detection;
  const earliestSample = noticedSample - samplesIn(WAKE_WORD_MS, rateHz);
  placeWithin(detection, decision.endSample, earliestSample, noticedSample + samplesIn(WORD_REST_MS, rateHz));
}

/**
 * Notes where the judge says that the word ends which it believed by what it was shown up to `shownTo`: where it was
 * noticed says little of that, for it may have gone on for long. Where tiny cannot have heard it end, what tiny placed
 * was something before it.
 */
export function placeJudged(detection: Detection, endSample: number, shownTo: number, rateHz: number): void {
  const latestSample = shownTo + samplesIn(WORD_REST_MS, rateHz);
  if (endSample <= latestSample && isLong(endSample, detection, rateHz)) detection.endSample = endSample;
  else placeWithin(detection, endSample, detection.shownSample, latestSample);
}

/** From where what follows a word is waited for that was believed at `toldSample`: as a rule where it was noticed. */
export function followedFrom(detection: Detection, toldSample: number, rateHz: number): number {
  const { endSample, noticedSample } = detection;
  if (endSample === null || !isLong(endSample, detection, rateHz)) return noticedSample;
  return Math.min(endSample, toldSample);
}

/** Whether a word that ends there goes on for longer after it was noticed than tiny hears one. */
function isLong(endSample: number, { noticedSample }: Detection, rateHz: number): boolean {
  return endSample > noticedSample + samplesIn(WORD_REST_MS, rateHz);
}

function placeWithin(detection: Detection, sample: number, earliestSample: number, latestSample: number) {
  if (sample >= earliestSample && sample <= latestSample)
    detection.endSample = Math.min(sample, detection.endSample ?? Number.POSITIVE_INFINITY);
}

/** Asks heavy where the word ends that it believed, where it has not said so and can. */
export async function askEnd(heavy: StageGuard | null, detection: Detection, rateHz: number): Promise<void> {
  const { unplaced, label } = detection;
  detection.unplaced = null;
  if (unplaced === null || heavy === null) return;
  const endSample = await heavy.endWithin(unplaced, label);
  const { startSample, data, channels } = unplaced;
  if (endSample !== null) placeJudged(detection, endSample, startSample + data.length / channels, rateHz);
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
