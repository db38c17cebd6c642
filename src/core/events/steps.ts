import type { EventOf, TrailEntry } from './events.js';
import type { Step } from './trail-schema.js';

/** One step among providers for a person: who, what became of it, and what the last judge held against it. */
export function describeStep({ provider, outcome, judges }: Step): string {
  const judge = judges.at(-1);
  if (outcome !== 'passed-on' || judge === undefined) return `${provider}: ${outcome.replace('-', ' ')}`;
  return `${provider}: passed on, ${judge.kind} ${judge.confidence.toFixed(2)}: ${judge.because}`;
}

/** Where a router that was learnt had a question begin, and why, for a person; '' where none decided. */
export function describeAsks(asks: EventOf<'verdict'>['asks']): string {
  return asks === undefined ? '' : `began at the ${asks.begin} one: ${asks.because}`;
}

/** What a judge made of a stage's decision, for a person; '' where none looked. */
export function describeJudge(entry: TrailEntry): string {
  if (entry.kind === 'abstain' || entry.judge === undefined) return '';
  const { kind, own, because } = entry.judge;
  return `${kind}: ${because}, ${own.toFixed(2)} by itself`;
}

/** A channel that has less to do with it is not named. */
const LEAST_SHARE = 0.1;

/** A channel and, where a feature of it says more, what that is. */
type Explained = Extract<TrailEntry, { readonly contributions: unknown }>['contributions'][number];

/** The channels that explain a detection by the last stage that named any, largest share first. */
export function explanationOf(trail: readonly TrailEntry[]): readonly Explained[] {
  const named = trail.findLast((entry) => entry.kind !== 'abstain' && entry.contributions.length > 0);
  if (named === undefined || named.kind === 'abstain') return [];
  return named.contributions
    .toSorted((a, b) => b.share - a.share)
    .filter(({ share }) => share >= LEAST_SHARE);
}
