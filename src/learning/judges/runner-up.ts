import type { Judgement } from '../../core/cascade/stage.js';

/** The surest label but the one decided on; null of a stage that tells of one label alone. */
export function runnerUpOf({
  label,
  confidences,
}: Judgement): { readonly label: string; readonly confidence: number } | null {
  let best: { label: string; confidence: number } | null = null;
  for (const [other, confidence] of confidences ?? [])
    if (other !== label && confidence > (best?.confidence ?? -1)) best = { label: other, confidence };
  return best;
}
