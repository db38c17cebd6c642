import type { Step } from '../../src/core/events/trail-schema.js';
import type { PastDetection } from '../../src/learning/past/past-detection.js';

/** A question that needs the dear model, or one that does not, about the n-th thing. */
export function question(n: number, isHard: boolean): string {
  const things = ['boiler', 'garden', 'letter', 'bicycle', 'window'];
  const thing = things[n % things.length] ?? '';
  return isHard
    ? `explain why the ${thing} costs ${100 + n} more than last year and work out what to do`
    : `tell me a word about the ${thing}`;
}

/** A question of the past, ten a day, that the cheap provider answered, or was asked in vain. */
export function past(
  n: number,
  { isHard, random = () => 0.5 }: { readonly isHard: boolean; readonly random?: () => number },
): PastDetection {
  const judges = [{ kind: 'completeness', confidence: isHard ? 0 : 0.9, accept: 0.5, because: '' }];
  const cheap = { provider: 'small', judges, latencyMs: 400, money: 0.001 };
  const steps: readonly Step[] = isHard
    ? [
        { ...cheap, outcome: 'passed-on' },
        { provider: 'big', outcome: 'answered', judges: [], latencyMs: 900, money: 0.1 },
      ]
    : [{ ...cheap, outcome: 'answered' }];
  const at = new Date(Date.UTC(2026, 0, 1 + Math.floor(n / 10), 8, n % 10)).toISOString();
  return {
    detection: `r/kitchen/${n}`,
    source: 'kitchen',
    label: 'computer',
    at,
    trail: [],
    believedOn: [],
    believed: true,
    degraded: false,
    reasons: ['no-match'],
    outcome: 'escalated',
    transcript: question(n, isHard),
    intent: null,
    sound: null,
    features: { tiny: 0.5 + random() / 2, heavy: 0.9, utteranceMs: 2_000 + 500 * random(), unknownWords: 2 },
    sent: true,
    verdict: { provider: isHard ? 'big' : 'small', label: 'x', text: 'x', steps },
    money: 0,
    cloudMs: 400,
    actions: [],
    latencyMs: null,
    energyMj: 0,
    said: null,
    filed: null,
  };
}
