import { samplesIn } from '../signal/duration.js';
import { quietestNear, quietestReach } from '../signal/quietest.js';
import type { Ring } from '../signal/ring.js';
import type { Detection } from './report.js';
import type { Decision } from './stage.js';
import type { Utterance } from './utterance.js';

/** What a wake word lasts, and as much of it before the sample at which it was noticed. */
export const WAKE_WORD_MS = 1000;
/** And as much of it behind that sample. */
const WORD_REST_MS = 480;

/** Takes down where the word ends, as a stage places it. The first that fits: what ends later is of the order. */
export function placeEnd(detection: Detection, decision: Decision, rateHz: number): void {
  if (decision.kind === 'abstain' || detection.endSample !== null) return;
  const { endSample = null } = decision;
  const earliest = detection.noticedSample - samplesIn(WAKE_WORD_MS, rateHz);
  const latest = detection.noticedSample + samplesIn(WORD_REST_MS, rateHz);
  if (endSample !== null && endSample >= earliest && endSample <= latest) detection.endSample = endSample;
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
