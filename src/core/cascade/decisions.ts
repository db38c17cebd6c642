import type { Reason } from '../events/events.js';
import type { Detection } from './report.js';
import type { Decision, Judgement, Recognition } from './stage.js';

/** Keeps the highest score of each label that tiny names; whether it names one for the first time. */
export function raise(scores: Map<string, number>, decision: Decision): boolean {
  if (decision.kind === 'abstain') return false;
  const { size } = scores;
  const { label, score, besides = [] } = decision;
  for (const [each, found] of [[label, score] as const, ...besides])
    scores.set(each, Math.max(found, scores.get(each) ?? found));
  return scores.size > size;
}

/** Where what was decided about begins, as far as the stage says so. */
export function startOf(decision: Decision): number | undefined {
  return decision.kind === 'abstain' ? undefined : decision.startSample;
}

/** Whether what was decided about begins no sooner than there, as far as the stage says so. */
export function isBehind(decision: Decision, sample: number): boolean {
  return (startOf(decision) ?? Number.NEGATIVE_INFINITY) >= sample;
}

/** Whether it is the same as before an end that was none. */
export function resumes(decision: Decision): boolean {
  return decision.kind !== 'abstain' && decision.resumes === true;
}

/** How sure tiny and heavy were, 0 where they said nothing: what routing goes by. */
export function confidences({ trail }: Detection): Record<string, number> {
  const judged = trail.flatMap((entry) => (entry.kind === 'abstain' ? [] : [entry.confidence]));
  return { tiny: judged[0] ?? 0, heavy: trail.length > 1 ? (judged[1] ?? 0) : 0 };
}

/** A recognition as a step of the trail: words are believed, none are not. */
export function decisionOf(recognition: Recognition, label: string): Decision {
  switch (recognition.kind) {
    case 'abstain':
      return recognition;
    case 'empty':
      return judgement('reject', recognition.stage, label, 0);
    case 'transcript': {
      const { stage, confidence, judged } = recognition;
      const believed = judgement('accept', stage, label, confidence);
      return judged === undefined ? believed : { ...believed, judged };
    }
  }
}

function judgement(kind: 'accept' | 'reject', stage: string, label: string, confidence: number): Judgement {
  return { kind, stage, label, score: confidence, confidence, contributions: [] };
}

/** Whether what stands in for a stage elsewhere decided. */
export function isDegraded(decision: Decision | Recognition | null): boolean {
  return decision !== null && 'degraded' in decision && decision.degraded === true;
}

/** The same reasons, of which it is one, once, that something stood in. */
export function withDegraded(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.includes('degraded') ? reasons : [...reasons, 'degraded'];
}
